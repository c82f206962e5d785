/* Phase oscillators that are coupled through modes, by classical RK4, compiled once per instruction set.
 *
 * With s = sin θ and c = cos θ, Σ_j α_ij sin(θ_j − θ_i) = c_i (α s)_i − s_i (α c)_i. Where α = V'·W, with few rows, that
 * takes two sines and some sums for each oscillator. A stage is one pass over the oscillators: the slope at the stage
 * before, from the sums of all, and the sines at this one, with their sums. Sums are taken lane by lane. */
#include "phase.h"
#include "modes.h"
#include "trigonometry.h"

enum { PATCH = 256 }; /* oscillators whose sines stay in the first cache until all modes have summed them */

typedef struct {
    double *phase, *slope, *sum, *sine, *cosine, *drive, *advanced, *field, *lanes;
} workspace;

static workspace workspace_of(const oscillators *o)
{
    const int64_t stride = o->tissue->stride;
    double *const w = o->work, *const after = w + 5 * stride;
    return (workspace){o->state + 2 * stride, w, w + stride, w + 2 * stride, w + 3 * stride, w + 4 * stride, after,
                       after + LANES, after + LANES + 2 * o->tissue->modes};
}

/* Σ_r V_ri field_r, of sines and of cosines, for `count` groups of lanes. */
ALWAYS_INLINE void fields_at(
    const int count, const oscillators *o, const double *field, int64_t i, vec (*of_sine)[VECTORS], vec (*of_cosine)[VECTORS])
{
    const int64_t modes = o->tissue->modes, stride = o->tissue->stride;
    vec s[AT_ONCE][VECTORS], c[AT_ONCE][VECTORS];
    UNROLLED
    for (int g = 0; g < count; g++)
        UNROLLED
        for (int v = 0; v < VECTORS; v++)
            s[g][v] = c[g][v] = (vec){0};
    for (int64_t r = 0; r < modes; r++) {
        const vec of_s = splat(field[2 * r]), of_c = splat(field[2 * r + 1]);
        const double *const weights = o->tissue->weights_out + r * stride + i;
        UNROLLED
        for (int g = 0; g < count; g++)
            UNROLLED
            for (int v = 0; v < VECTORS; v++) {
                const vec weight = load(weights + g * LANES + v * WIDTH);
                s[g][v] = fma(weight, of_s, s[g][v]);
                c[g][v] = fma(weight, of_c, c[g][v]);
            }
    }
    UNROLLED
    for (int g = 0; g < count; g++)
        UNROLLED
        for (int v = 0; v < VECTORS; v++)
            of_sine[g][v] = s[g][v], of_cosine[g][v] = c[g][v];
}

/* The same where mode i acts on oscillator i alone. */
ALWAYS_INLINE void own_fields_at(
    const oscillators *o, const double *field, int64_t i, vec (*of_sine)[VECTORS], vec (*of_cosine)[VECTORS])
{
    double s[LANES] = {0.0}, c[LANES] = {0.0};
    for (int l = 0; l < LANES && i + l < o->tissue->modes; l++)
        s[l] = field[2 * (i + l)], c[l] = field[2 * (i + l) + 1];
    for (int v = 0; v < VECTORS; v++)
        of_sine[0][v] = load(s + v * WIDTH), of_cosine[0][v] = load(c + v * WIDTH);
}

/* The phase response curve Z. */
ALWAYS_INLINE vec response(const rldbs_tissue *t, vec angle, vec sine, vec cosine)
{
    if (t->response == RLDBS_GAUSSIAN) {
        const vec distance = (vec)((mask)angle & INT64_MAX) - TURN_HIGH / 2.0;
        return exponential(-0.5 * distance * distance);
    }
    vec sum = splat(0.5 * t->cosines[0]), s = sine, c = cosine;
    for (int64_t n = 1; n <= t->harmonics; n++) {
        sum = fma(t->cosines[n], c, fma(t->sines[n], s, sum));
        const vec next = fma(c, cosine, -(s * sine));
        s = fma(s, cosine, c * sine);
        c = next;
    }
    return sum;
}

enum { BEFORE = -1, FIRST, SECOND, THIRD, FOURTH };

/* Normal numbers, one for each oscillator: by Box and Muller, from a hash of the key and the oscillator. */
ALWAYS_INLINE vec normal(uint64_t key, int64_t i)
{
    bits z;
    for (int l = 0; l < WIDTH; l++)
        z[l] = key + (uint64_t)(i + l + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z = z ^ (z >> 31);
    const vec first = ((vec)((z >> 32) | 0x4330000000000000u) - 0x1p52 + 0.5) * 0x1p-32;
    const vec second = ((vec)((z & 0xffffffffu) | 0x4330000000000000u) - 0x1p52 + 0.5) * 0x1p-32;
    vec sine, cosine, size = -2.0 * logarithm(first);
    for (int l = 0; l < WIDTH; l++)
        size[l] = __builtin_sqrt(size[l]);
    sine_cosine(fma(second, TURN_HIGH, -TURN_HIGH / 2.0), &sine, &cosine);
    return size * cosine;
}

/* One group of lanes: the slope at the stage that is over, then the sines of the next. */
ALWAYS_INLINE void advance_lanes(
    const oscillators *o, const workspace *w, const int done, const int driven, uint64_t key, int64_t i,
    const vec *of_sine, const vec *of_cosine, vec *advance)
{
    const rldbs_tissue *const t = o->tissue;
    const double dt = t->dt;
    UNROLLED
    for (int v = 0; v < VECTORS; v++) {
        const int64_t at = i + v * WIDTH;
        vec phase = load(w->phase + at), slope = (vec){0};
        if (done != BEFORE) {
            const vec sine = load(w->sine + at), cosine = load(w->cosine + at);
            const vec pull = fma(cosine, of_sine[v], -(sine * of_cosine[v]));
            slope = fma(o->coupling, pull, load(o->frequency + at));
            if (driven) {
                const vec last = load(w->slope + at);
                const double ahead = done == FIRST ? 0.0 : done == FOURTH ? dt : 0.5 * dt;
                const vec angle = done == FIRST ? phase : fma(ahead, last, phase);
                slope = fma(response(t, angle, sine, cosine), load(w->drive + at), slope);
            }
        }
        if (done == FOURTH) {
            vec step = (dt / 6.0) * (load(w->sum + at) + slope);
            if (t->noise > 0.0) {
                const double root = t->noise;
                mask inside;
                for (int l = 0; l < WIDTH; l++)
                    inside[l] = at + l < t->neurons ? -1 : 0;
                step += (vec)((mask)(root * normal(key, at)) & inside);
            }
            advance[v] = fma(load(o->tissue->recording + at), step, advance[v]);
            phase = wrapped(phase + step);
            store(w->phase + at, phase);
        } else if (done != BEFORE) {
            store(w->slope + at, slope);
            store(w->sum + at, done == FIRST ? slope : fma(2.0, slope, load(w->sum + at)));
        }
        const vec angle = done == BEFORE || done == FOURTH ? phase : fma(done == THIRD ? dt : 0.5 * dt, slope, phase);
        vec sine, cosine;
        sine_cosine(angle, &sine, &cosine);
        store(w->sine + at, sine);
        store(w->cosine + at, cosine);
    }
}

/* Oscillators [begin, end): what is over, and the sines and sums of what comes. */
ALWAYS_INLINE void patch(
    const oscillators *o, const workspace *w, const int done, const int driven, uint64_t key, int64_t begin, int64_t end)
{
    vec advance[VECTORS], of_sine[AT_ONCE][VECTORS], of_cosine[AT_ONCE][VECTORS];
    for (int v = 0; v < VECTORS; v++)
        advance[v] = load(w->advanced + v * WIDTH);
    int64_t i = begin;
    for (; done != BEFORE && o->tissue->weights_out && i + AT_ONCE * LANES <= end; i += AT_ONCE * LANES) {
        fields_at(AT_ONCE, o, w->field, i, of_sine, of_cosine);
        for (int g = 0; g < AT_ONCE; g++)
            advance_lanes(o, w, done, driven, key, i + g * LANES, of_sine[g], of_cosine[g], advance);
    }
    for (; i < end; i += LANES) {
        if (done != BEFORE && o->tissue->weights_out)
            fields_at(1, o, w->field, i, of_sine, of_cosine);
        else if (done != BEFORE)
            own_fields_at(o, w->field, i, of_sine, of_cosine);
        advance_lanes(o, w, done, driven, key, i, of_sine[0], of_cosine[0], advance);
    }
    for (int v = 0; v < VECTORS; v++)
        store(w->advanced + v * WIDTH, advance[v]);
    add_to_all_modes(
        o->tissue->weights_in + begin, o->tissue->modes, o->tissue->stride, w->sine + begin, w->cosine + begin, end - begin,
        w->lanes);
}

/* A pass over all oscillators, patch by patch. */
ALWAYS_INLINE void pass(const oscillators *o, const workspace *w, const int done, const int driven, uint64_t key)
{
    const int64_t stride = o->tissue->stride;
    for (int64_t k = 0; k < 2 * o->tissue->modes * LANES; k++)
        w->lanes[k] = 0.0;
    for (int k = 0; k < LANES; k++)
        w->advanced[k] = 0.0;
    for (int64_t begin = 0; begin < stride; begin += PATCH)
        patch(o, w, done, driven, key, begin, begin + PATCH < stride ? begin + PATCH : stride);
    for (int64_t r = 0; r < 2 * o->tissue->modes; r++)
        w->field[r] = sum_of_lanes(w->lanes + r * LANES);
}

/* What all contacts together do to each oscillator; whether they do anything. */
static int driven_by(const oscillators *o, const workspace *w, int64_t step)
{
    const rldbs_tissue *const t = o->tissue;
    const double *const given = o->stimulation + step * t->contacts;
    int any = 0;
    for (int64_t c = 0; c < t->contacts; c++)
        any |= given[c] != 0.0;
    if (!any)
        return 0;
    for (int64_t i = 0; i < t->stride; i += WIDTH) {
        vec sum = (vec){0};
        for (int64_t c = 0; c < t->contacts; c++)
            sum = fma(given[c], load(o->conductance + c * t->stride + i), sum);
        store(w->drive + i, sum);
    }
    return 1;
}

static void record(const oscillators *o, const workspace *w, int64_t step)
{
    const rldbs_tissue *const t = o->tissue;
    double *const to = o->mean + step * o->step_stride;
    for (int64_t q = 0; q < t->sites; q++) {
        const int64_t column = q == 0 ? 0 : 2 * q + 1;
        double lanes[2 * LANES] = {0.0};
        add_to_modes(1, t->recording + q * t->stride, t->stride, w->sine, w->cosine, t->stride, lanes);
        to[column * o->column_stride] = sum_of_lanes(lanes + LANES);
        to[(column + 1) * o->column_stride] = sum_of_lanes(lanes);
    }
    to[2 * o->column_stride] = sum_of_lanes(w->advanced) / t->dt / t->rate_unit;
}

static uint64_t mixed(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

ALWAYS_INLINE void step_once(const oscillators *o, const workspace *w, const int driven, uint64_t key)
{
    pass(o, w, FIRST, driven, key);
    pass(o, w, SECOND, driven, key);
    pass(o, w, THIRD, driven, key);
    pass(o, w, FOURTH, driven, key);
}

static void step_free(const oscillators *o, const workspace *w, uint64_t key) { step_once(o, w, 0, key); }
static void step_driven(const oscillators *o, const workspace *w, uint64_t key) { step_once(o, w, 1, key); }

static void advance(const oscillators *o)
{
    if (o->steps == 0)
        return;
    const workspace w = workspace_of(o);
    pass(o, &w, BEFORE, 0, 0);
    for (int64_t step = 0; step < o->steps; step++) {
        const uint64_t key = mixed(o->seed + mixed(++*o->clock));
        (driven_by(o, &w, step) ? step_driven : step_free)(o, &w, key);
        record(o, &w, step);
    }
    for (int64_t i = 0; i < o->tissue->neurons; i++) {
        o->state[i] = w.cosine[i];
        o->state[o->tissue->stride + i] = w.sine[i];
    }
}

static void curve(int curve, int64_t count, const double *x, double *y)
{
    for (int64_t i = 0; i < count; i += WIDTH) {
        const int64_t here = count - i < WIDTH ? count - i : WIDTH;
        vec sine, value = (vec){0};
        for (int64_t l = 0; l < here; l++)
            value[l] = x[i + l];
        if (curve == RLDBS_COSINE)
            sine_cosine(value, &sine, &value);
        else
            value = exponential(value);
        for (int64_t l = 0; l < here; l++)
            y[i + l] = value[l];
    }
}

extern const phase_functions RLDBS_PHASE_OF(RLDBS_VARIANT);
const phase_functions RLDBS_PHASE_OF(RLDBS_VARIANT) = {advance, curve};
