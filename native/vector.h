/* The vector type that a kernel variant computes with. A group of LANES neurons is LANES / WIDTH vectors, whatever
 * the instruction set, so that sums are taken in the same order everywhere. */
#ifndef RLDBS_VECTOR_H
#define RLDBS_VECTOR_H

#include <stdint.h>

#ifndef RLDBS_VECTOR_BYTES
#define RLDBS_VECTOR_BYTES 16
#endif

typedef double vec __attribute__((vector_size(RLDBS_VECTOR_BYTES), aligned(8), may_alias));
typedef int64_t mask __attribute__((vector_size(RLDBS_VECTOR_BYTES), aligned(8), may_alias));

enum { LANES = 8, WIDTH = RLDBS_VECTOR_BYTES / 8, VECTORS = LANES / WIDTH };

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#endif
