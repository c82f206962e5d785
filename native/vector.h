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
typedef uint64_t bits __attribute__((vector_size(RLDBS_VECTOR_BYTES), aligned(8), may_alias));

enum { LANES = 8, WIDTH = RLDBS_VECTOR_BYTES / 8, VECTORS = LANES / WIDTH };

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("GCC unroll 8")

ALWAYS_INLINE vec load(const double *from) { return *(const vec *)from; }
ALWAYS_INLINE vec splat(double value) { return value - (vec){0}; }
ALWAYS_INLINE void store(double *to, vec value) { *(vec *)to = value; }

/* Lanes first to last, pairwise: ((0+4)+(2+6)) + … whatever the width of a vector. */
ALWAYS_INLINE double sum_of_lanes(const double *lanes)
{
    double lane[LANES];
    for (int i = 0; i < LANES; i++)
        lane[i] = lanes[i];
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            lane[i] += lane[i + half];
    return lane[0];
}

#endif
