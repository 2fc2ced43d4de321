// C interface to the few functions of FAISS that RetrievalAttention needs. Rows are numbered from 0 in the order in which they were
// added; no row is ever removed here. Functions give 0 (or a null pointer) on failure, and ra_faiss_error says why, per thread.
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <string>

#include <faiss/AutoTune.h>
#include <faiss/Index.h>
#include <faiss/IndexIVF.h>
#include <faiss/impl/IDSelector.h>
#include <faiss/impl/io.h>
#include <faiss/index_factory.h>
#include <faiss/index_io.h>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

thread_local std::string last_error;

template <typename T, typename F>
T guarded(T failed, F&& work) {
    try {
        return work();
    } catch (const std::exception& e) {
        last_error = e.what();
    } catch (...) {
        last_error = "an unknown exception";
    }
    return failed;
}

struct CallbackSelector : faiss::IDSelector {
    int (*allowed)(int64_t row, void* state);
    void* state;

    bool is_member(idx_t row) const override { return allowed(row, state) != 0; }
};

faiss::Index* index_of(void* handle) { return static_cast<faiss::Index*>(handle); }

// A single row of an IVF index can only be read back with a map from rows to lists.
void keep_rows_readable(faiss::Index* index) {
    if (auto* ivf = dynamic_cast<faiss::IndexIVF*>(index)) ivf->set_direct_map_type(faiss::DirectMap::Array);
}

}  // namespace

EXPORT const char* ra_faiss_error() { return last_error.c_str(); }

/// Inner product over vectors of `dimensions` numbers; `factory` as in faiss::index_factory.
EXPORT void* ra_faiss_create(int32_t dimensions, const char* factory) {
    return guarded<void*>(nullptr, [&]() -> void* { return faiss::index_factory(dimensions, factory, faiss::METRIC_INNER_PRODUCT); });
}

EXPORT void ra_faiss_free(void* handle) { delete index_of(handle); }

EXPORT int64_t ra_faiss_count(void* handle) { return index_of(handle)->ntotal; }

EXPORT int32_t ra_faiss_train(void* handle, int64_t count, const float* vectors) {
    return guarded<int32_t>(0, [&] {
        index_of(handle)->train(count, vectors);
        keep_rows_readable(index_of(handle));
        return 1;
    });
}

EXPORT int32_t ra_faiss_add(void* handle, int64_t count, const float* vectors) {
    return guarded<int32_t>(0, [&] {
        index_of(handle)->add(count, vectors);
        return 1;
    });
}

EXPORT int32_t ra_faiss_set(void* handle, const char* name, double value) {
    return guarded<int32_t>(0, [&] {
        faiss::ParameterSpace().set_index_parameter(index_of(handle), name, value);
        return 1;
    });
}

/// `allowed` may be null. Rows beyond those found are -1.
EXPORT int32_t ra_faiss_search(
        void* handle, const float* query, int64_t count, int (*allowed)(int64_t, void*), void* state, float* scores, int64_t* rows) {
    return guarded<int32_t>(0, [&] {
        if (allowed == nullptr) {
            index_of(handle)->search(1, query, count, scores, rows);
            return 1;
        }
        CallbackSelector selector;
        selector.allowed = allowed;
        selector.state = state;
        if (auto* ivf = dynamic_cast<faiss::IndexIVF*>(index_of(handle))) {
            faiss::SearchParametersIVF parameters;
            parameters.sel = &selector;
            parameters.nprobe = ivf->nprobe;
            ivf->search(1, query, count, scores, rows, &parameters);
        } else {
            faiss::SearchParameters parameters;
            parameters.sel = &selector;
            index_of(handle)->search(1, query, count, scores, rows, &parameters);
        }
        return 1;
    });
}

EXPORT int32_t ra_faiss_read(void* handle, int64_t row, float* vector) {
    return guarded<int32_t>(0, [&] {
        index_of(handle)->reconstruct(row, vector);
        return 1;
    });
}

/// The buffer is freed with ra_faiss_free_buffer.
EXPORT uint8_t* ra_faiss_save(void* handle, int64_t* length) {
    return guarded<uint8_t*>(nullptr, [&] {
        faiss::VectorIOWriter writer;
        faiss::write_index(index_of(handle), &writer);
        auto buffer = std::make_unique<uint8_t[]>(writer.data.size());
        std::memcpy(buffer.get(), writer.data.data(), writer.data.size());
        *length = static_cast<int64_t>(writer.data.size());
        return buffer.release();
    });
}

EXPORT void ra_faiss_free_buffer(uint8_t* buffer) { delete[] buffer; }

EXPORT void* ra_faiss_load(const uint8_t* buffer, int64_t length) {
    return guarded<void*>(nullptr, [&]() -> void* {
        faiss::VectorIOReader reader;
        reader.data.assign(buffer, buffer + length);
        faiss::Index* index = faiss::read_index(&reader);
        keep_rows_readable(index);
        return index;
    });
}
