/* What one core can do at most, to hold the kernel against: arithmetic, and moving data. Built for this very processor, and
 * for one model: FUSED multiplications, fused with an addition, for ADDITIONS others. */
#include <stdint.h>

#ifdef __AVX512F__
enum { BYTES = 64 };
#elif defined(__AVX__)
enum { BYTES = 32 };
#else
enum { BYTES = 16 };
#endif
enum { WIDTH = BYTES / 8, CHAINS = 12, OPERATIONS = FUSED + ADDITIONS };

typedef double vec __attribute__((vector_size(BYTES), aligned(8), may_alias));

/* The operations of a neuron's step for so many neurons, in chains that do not wait for each other, the additions spread
 * among the others; returns how many neurons. */
int64_t arithmetic(int64_t rounds, double factor, double term, double *result)
{
    vec chain[CHAINS], f = (vec){0} + factor, t = (vec){0} + term;
    for (int c = 0; c < CHAINS; c++)
        chain[c] = (vec){0} + (double)c;
    for (int64_t r = 0; r < rounds; r++)
#pragma GCC unroll 256
        for (int o = 0; o < OPERATIONS; o++) {
            const int c = o % CHAINS;
            if ((o + 1) * ADDITIONS / OPERATIONS > o * ADDITIONS / OPERATIONS)
                chain[c] = chain[c] + t;
            else
                chain[c] = chain[c] * f + t;
        }
    for (int c = 0; c < CHAINS; c++)
        for (int i = 0; i < WIDTH; i++)
            *result += chain[c][i];
    return rounds * WIDTH;
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
