@echo off
rem Runs the program from its sources; dotnet builds it when a source has changed. With RA_BACKEND=cuda, the build for NVIDIA GPUs.
setlocal
if not defined RA_BACKEND set RA_BACKEND=cpu
dotnet run --project "%~dp0src\RetrievalAttention.App" -c Release -v quiet -p:TorchBackend=%RA_BACKEND% -- %*
