/* One environment step of a closed loop in one call: what its pieces would do one after the other, with the same bits. */
#include <math.h>
#include <stdint.h>

#include "rldbs.h"

static void kicks_from(const rldbs_loop *loop, const double *actions, double *kicks)
{
    const int64_t contacts = loop->contacts;
    for (int64_t p = 0; p < loop->populations; p++)
        for (int64_t s = 0; s < loop->steps; s++)
            for (int64_t c = 0; c < contacts; c++)
                kicks[(p * loop->steps + s) * contacts + c] =
                    actions[loop->together ? p : p * contacts + c] * loop->waveform[s];
}

static void rewards_from(const rldbs_loop *loop, int64_t now, const double *kicks, double *rewards)
{
    if (loop->reward == 1)
        rldbs_deviation_rewards(
            loop->populations, now, loop->length, 1, loop->history, loop->window, loop->steps, loop->contacts, kicks,
            loop->beta, rewards);
    else
        rldbs_setpoint_rewards(
            loop->populations, now, loop->length, 1, loop->history, loop->target, loop->weight, loop->steps,
            loop->contacts, kicks, loop->beta, rewards);
}

static void observations_from(const rldbs_loop *loop, int64_t now, float *observations)
{
    for (int64_t p = 0; p < loop->populations; p++)
        for (int64_t c = 0; c < loop->channels; c++, observations += loop->count) {
            const int64_t row = loop->variables[c] * loop->populations + p;
            rldbs_observe(
                1, 1, loop->count, 0, 0, loop->every, loop->centered,
                loop->history + row * loop->length + now - loop->memory, loop->low + c, loop->high + c, observations);
        }
}

void rldbs_own_advance(
    const rldbs_neurons *own, int variant, int threads, int64_t populations, int64_t neurons, int64_t stride,
    int64_t steps, double dt, const double *parameters, double *state, const double *current, const double *coupling,
    const double *kicks, double *mean, int64_t population_stride, int64_t step_stride, int64_t variable_stride,
    double *scratch)
{
    own->advance(
        0, variant, threads, populations, neurons, stride, steps, dt, parameters, state, current, coupling, kicks, mean,
        population_stride, step_stride, variable_stride, scratch);
}

void rldbs_own_spatial_advance(
    const rldbs_neurons *own, const rldbs_spatial *tissue, int variant, int threads, int64_t steps, const double *kicks,
    double *mean, int64_t population_stride, int64_t step_stride, int64_t column_stride, double *scratch)
{
    own->spatial_advance(
        tissue, variant, threads, steps, kicks, mean, population_stride, step_stride, column_stride, scratch);
}

/* Advance the populations by a step whose history ends at now; whether the mean field stays within its bound. */
static int advance(const rldbs_loop *loop, int variant, int threads, int64_t now, const double *kicks, double *scratch)
{
    const int64_t all = loop->populations * loop->length;
    double *const mean = loop->history + now - loop->steps;
    if (loop->tissue)
        rldbs_phase_advance(
            loop->tissue, variant, threads, loop->populations, loop->steps, loop->state, loop->current, loop->coupling,
            kicks, loop->seeds, loop->clocks, mean, loop->length, 1, all, scratch);
    else if (loop->rates)
        rldbs_rates_advance(
            loop->rates, variant, threads, loop->populations, loop->lanes, loop->steps, loop->state, loop->current,
            loop->coupling, kicks, loop->seeds, loop->clocks, mean, loop->length, 1, all, scratch);
    else if (loop->spatial)
        (loop->own ? loop->own->spatial_advance : rldbs_spatial_advance)(
            loop->spatial, variant, threads, loop->steps, kicks, mean, loop->length, 1, all, scratch);
    else
        (loop->own ? loop->own->advance : rldbs_advance)(
            loop->model, variant, threads, loop->populations, loop->neurons, loop->stride, loop->steps, loop->dt,
            loop->parameters, loop->state, loop->current, loop->coupling, kicks, mean, loop->length, 1, all, scratch);
    return rldbs_within(loop->populations, loop->steps, loop->signals, loop->length, 1, all, mean, loop->bound);
}

int64_t rldbs_step(
    const rldbs_loop *loop, int variant, int threads, int64_t now, double *actions, double *kicks, double *rewards,
    float *observations, double *scratch)
{
    if (loop->waveform) {
        const int64_t bad = rldbs_clip(loop->populations * (loop->together ? 1 : loop->contacts), actions);
        if (bad >= 0)
            return -1 - bad;
        kicks_from(loop, actions, kicks);
    }
    if (!advance(loop, variant, threads, now, kicks, scratch))
        return 1;
    if (loop->reward) {
        rewards_from(loop, now, kicks, rewards);
        for (int64_t p = 0; p < loop->populations; p++)
            if (!isfinite(rewards[p]))
                return 2;
    }
    if (loop->channels)
        observations_from(loop, now, observations);
    return 0;
}

int64_t rldbs_rest(
    const rldbs_loop *loop, int variant, int threads, int64_t now, int64_t count, const double *kicks,
    const double *origin, double *sum, double *square, double *scratch)
{
    const int64_t row = loop->rows * loop->stride;
    const double *const x = loop->rates ? rldbs_rates_newest(loop->rates, loop->lanes, loop->state) : loop->state;
    for (int64_t done = 0; done < count; done++) {
        if (!advance(loop, variant, threads, now + (done + 1) * loop->steps, kicks, scratch))
            return done;
        if (sum)
            rldbs_spread(loop->populations, loop->neurons, row, x, origin, sum, square);
    }
    return count;
}
