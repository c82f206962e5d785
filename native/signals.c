/* What a closed loop makes of its signals between two calls of the kernel: a few sums over each row. */
#include <math.h>
#include <stdint.h>

#include "rldbs.h"
#include "vector.h"

/* Sums have LANES lanes, and then one tree, as in the kernel: the same bits everywhere. */
typedef struct {
    double lane[LANES];
} lanes;

ALWAYS_INLINE double total(lanes sum)
{
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            sum.lane[i] += sum.lane[i + half];
    return sum.lane[0];
}

ALWAYS_INLINE double same(double value, double about) { return value - about; }
ALWAYS_INLINE double square(double value, double about) { return (value - about) * (value - about); }
ALWAYS_INLINE double size(double value, double about) { return fabs(value - about); }

ALWAYS_INLINE double mean_of(double (*of)(double, double), const double *values, int64_t count, int64_t stride, double about)
{
    lanes sum = {{0.0}};
    const int64_t whole = count / LANES * LANES;
    for (int64_t i = 0; i < whole; i += LANES)
        for (int l = 0; l < LANES; l++)
            sum.lane[l] += of(values[(i + l) * stride], about);
    for (int64_t i = whole; i < count; i++)
        sum.lane[i - whole] += of(values[i * stride], about);
    return total(sum) / (double)count;
}

void rldbs_mean_squares(
    int64_t rows, int64_t count, int64_t row_stride, int64_t stride, const double *values, double about, double *means)
{
    for (int64_t r = 0; r < rows; r++)
        means[r] = mean_of(square, values + r * row_stride, count, stride, about);
}

void rldbs_deviations(
    int64_t rows, int64_t count, int64_t last, int64_t row_stride, int64_t stride, const double *values, double *means)
{
    for (int64_t r = 0; r < rows; r++) {
        const double *const row = values + r * row_stride;
        means[r] = mean_of(square, row + (count - last) * stride, last, stride, mean_of(same, row, count, stride, 0.0));
    }
}

void rldbs_rewards(int64_t rows, int64_t count, const double *kicks, double beta, double *costs)
{
    for (int64_t r = 0; r < rows; r++)
        costs[r] = -costs[r] - beta * mean_of(size, kicks + r * count, count, 1, 0.0);
}

void rldbs_observe(
    int64_t rows, int64_t channels, int64_t count, int64_t row_stride, int64_t channel_stride, int64_t stride,
    int centered, const double *signals, const float *low, const float *high, float *observations)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < channels; c++, observations += count) {
            const double *const values = signals + r * row_stride + c * channel_stride;
            const double middle = centered ? mean_of(same, values, count, stride, 0.0) : 0.0;
            for (int64_t i = 0; i < count; i++) {
                const float value = (float)(values[i * stride] - middle);
                observations[i] = value < low[c] ? low[c] : value > high[c] ? high[c] : value;
            }
        }
}

int64_t rldbs_clip(int64_t count, double *values)
{
    int64_t bad = -1;
    for (int64_t i = count - 1; i >= 0; i--) {
        if (!isfinite(values[i]))
            bad = i;
        values[i] = values[i] < -1.0 ? -1.0 : values[i] > 1.0 ? 1.0 : values[i];
    }
    return bad;
}
