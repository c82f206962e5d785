/* Two nuclei as rates that answer to each other after a delay, by Euler's method, compiled once per instruction set.
 *
 * Populations are the lanes. The past of a call lies before its steps in one array, so that a delay is a distance in it;
 * where it begins does not depend on the clock. */
#include "rates.h"
#include "elementary.h"
#include "noise.h"

enum { STN, GPE };

typedef struct {
    vec to_gpe, to_stn, within, cortex, striatum; /* weights, and inputs from elsewhere, at this severity */
    vec current;
    bits key, clock;
} lane;

ALWAYS_INLINE vec between(const rldbs_rates *m, int which, vec severity)
{
    return m->healthy[which] + severity * (m->diseased[which] - m->healthy[which]);
}

/* M / (1 + (M − B)/B · exp(−4x/M)). */
ALWAYS_INLINE vec answer(const rldbs_rates *m, int nucleus, vec input)
{
    const double most = m->most[nucleus], rest = m->rest[nucleus];
    return most / (1.0 + (most - rest) / rest * exp_of(input * (-4.0 / most)));
}

/* Of population p, or of the last one where there is none. */
static lane lane_of(const some_rates *o, int64_t first)
{
    lane own;
    vec severity;
    for (int l = 0; l < WIDTH; l++) {
        const int64_t p = first + l < o->populations ? first + l : o->populations - 1;
        severity[l] = o->severity[p];
        own.current[l] = o->current[p];
        own.key[l] = o->seeds[p];
        own.clock[l] = o->clocks[p];
    }
    own.to_gpe = between(o->model, 0, severity);
    own.to_stn = between(o->model, 1, severity);
    own.within = between(o->model, 2, severity);
    own.cortex = between(o->model, 3, severity);
    own.striatum = between(o->model, 4, severity);
    return own;
}

static vec kicks_at(const some_rates *o, int64_t first, int64_t step)
{
    vec kick;
    for (int l = 0; l < WIDTH; l++)
        kick[l] = first + l < o->populations ? o->kicks[(first + l) * o->steps + step] : 0.0;
    return kick;
}

/* One integration step of some populations, from row `now` of their rates to the next one. */
ALWAYS_INLINE void step_once(const rldbs_rates *m, lane *own, double *stn, double *gpe, int64_t now, vec kick)
{
    const vec s = load(stn + now * LANES), g = load(gpe + now * LANES);
    const vec to_stn = own->cortex - own->to_stn * load(gpe + (now - m->delay[1]) * LANES);
    const vec to_gpe = own->to_gpe * load(stn + (now - m->delay[0]) * LANES) -
                       own->within * load(gpe + (now - m->delay[2]) * LANES) - own->striatum;
    vec next_s = s + m->dt / m->tau[STN] * (answer(m, STN, to_stn) - s + own->current + kick);
    vec next_g = g + m->dt / m->tau[GPE] * (answer(m, GPE, to_gpe) - g);
    if (m->noise[STN] > 0.0) {
        const bits first = own->key + (2 * own->clock + 1) * GOLDEN;
        next_s += m->noise[STN] * noise_from(first);
        next_g += m->noise[GPE] * noise_from(first + GOLDEN);
    }
    own->clock += 1;
    store(stn + (now + 1) * LANES, max_of(splat(0.0), next_s));
    store(gpe + (now + 1) * LANES, max_of(splat(0.0), next_g));
}

static void record(const some_rates *o, int64_t step, const double *stn, const double *gpe)
{
    for (int64_t p = 0; p < o->populations; p++) {
        double *const to = o->mean + p * o->population_stride + step * o->step_stride;
        to[0] = stn[p];
        to[o->variable_stride] = gpe[p];
    }
}

/* The last rows of the rates, those of the past, to the front. */
static void move_back(const rldbs_rates *m, double *rates, int64_t by)
{
    for (int64_t i = 0; i < m->memory * LANES; i++)
        rates[i] = rates[i + by * LANES];
}

static void advance(const some_rates *o)
{
    const rldbs_rates *const m = o->model;
    double *const stn = o->work, *const gpe = stn + (m->memory + BLOCK) * LANES;
    lane own[VECTORS];
    vec kicks[VECTORS];
    for (int v = 0; v < VECTORS; v++)
        own[v] = lane_of(o, v * WIDTH), kicks[v] = (vec){0};
    for (int64_t r = 0; r < m->memory; r++)
        for (int l = 0; l < LANES; l++) {
            stn[r * LANES + l] = o->state[r * o->stride + l];
            gpe[r * LANES + l] = o->state[(m->memory + r) * o->stride + l];
        }
    int64_t now = m->memory - 1;
    for (int64_t step = 0; step < o->steps; step++) {
        for (int v = 0; v < VECTORS; v++)
            kicks[v] = kicks_at(o, v * WIDTH, step);
        for (int64_t k = 0; k < m->every; k++, now++) {
            if (now == m->memory - 1 + BLOCK) {
                move_back(m, stn, BLOCK);
                move_back(m, gpe, BLOCK);
                now -= BLOCK;
            }
            for (int v = 0; v < VECTORS; v++)
                step_once(m, own + v, stn + v * WIDTH, gpe + v * WIDTH, now, kicks[v]);
        }
        record(o, step, stn + now * LANES, gpe + now * LANES);
    }
    const int64_t begin = (now + 1 - m->memory) * LANES;
    for (int64_t r = 0; r < m->memory; r++)
        for (int l = 0; l < LANES; l++) {
            o->state[r * o->stride + l] = stn[begin + r * LANES + l];
            o->state[(m->memory + r) * o->stride + l] = gpe[begin + r * LANES + l];
        }
    for (int64_t p = 0; p < o->populations; p++)
        o->clocks[p] += (uint64_t)(o->steps * m->every);
}

extern rates_advance *const RLDBS_RATES_OF(RLDBS_VARIANT);
rates_advance *const RLDBS_RATES_OF(RLDBS_VARIANT) = advance;
