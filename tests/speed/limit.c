/* What one core can do at most, to hold the kernel against: arithmetic, and moving data. Built for this very processor,
 * without fused multiply-add, which the kernel may not use. */
#include <stdint.h>

#ifdef __AVX512F__
enum { BYTES = 64 };
#elif defined(__AVX__)
enum { BYTES = 32 };
#else
enum { BYTES = 16 };
#endif
enum { WIDTH = BYTES / 8, CHAINS = 12 };

typedef double vec __attribute__((vector_size(BYTES), aligned(8), may_alias));

/* Multiplications and additions in equal numbers, in chains that do not wait for each other; returns how many. */
int64_t arithmetic(int64_t rounds, double factor, double term, double *result)
{
    vec chain[CHAINS], f = (vec){0} + factor, t = (vec){0} + term;
    for (int c = 0; c < CHAINS; c++)
        chain[c] = (vec){0} + (double)c;
    for (int64_t r = 0; r < rounds; r++)
#pragma GCC unroll 16
        for (int c = 0; c < CHAINS; c++)
            chain[c] = chain[c] * f + t;
    for (int c = 0; c < CHAINS; c++)
        for (int i = 0; i < WIDTH; i++)
            *result += chain[c][i];
    return rounds * CHAINS * WIDTH * 2;
}

/* Two arrays change places, so that as much is written as is read: bytes moved between the core and the memory that
 * holds the arrays. */
int64_t moving(int64_t rounds, int64_t size, double *a, double *b)
{
    for (int64_t r = 0; r < rounds; r++)
        for (int64_t i = 0; i < size; i += WIDTH) {
            const vec from_a = *(const vec *)(a + i), from_b = *(const vec *)(b + i);
            *(vec *)(a + i) = from_b;
            *(vec *)(b + i) = from_a;
        }
    return rounds * size * 4 * (int64_t)sizeof(double);
}
