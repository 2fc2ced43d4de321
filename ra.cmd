@echo off
rem Runs the program from its sources; dotnet builds it when a source has changed.
dotnet run --project "%~dp0src\RetrievalAttention.App" -c Release -v quiet -- %*
