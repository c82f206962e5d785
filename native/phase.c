/* Phase oscillators that are coupled through modes, by classical RK4, compiled once per instruction set.
 *
 * With s = sin θ and c = cos θ, Σ_j α_ij sin(θ_j − θ_i) = c_i (α s)_i − s_i (α c)_i. Where α = V'·W, with few rows, that
 * takes two sines and some sums for each oscillator. A stage is one pass over the oscillators: the slope at the stage
 * before, from the sums of all, and the sines at this one, with their sums. Sums are taken lane by lane. Populations that
 * share their modes may be advanced side by side: each weight is then read once for all. Without modes each meets each, as
 * folded.h has it. */
#include "phase.h"
#include "folded.h"
#include "modes.h"
#include "trigonometry.h"

enum { PATCH = 512 }; /* oscillators whose sines stay in the first cache until all modes, where there are some, have summed them */

typedef group felt[AT_ONCE]; /* what some groups of lanes are given */

/* One population of those that are advanced together. */
typedef struct {
    const oscillators *o;
    double *phase, *slope, *sum, *sine, *cosine, *drive, *advanced;
    folded_sums of_sine, of_cosine; /* where each meets each */
    int driven;
    uint64_t key;
} member;

/* All of them; what is summed over modes lies side by side: a sine and a cosine of each. */
typedef struct {
    const rldbs_tissue *tissue;
    member members[MOST_TOGETHER];
    double *field, *lanes; /* (modes, 2 populations), (modes, 2 populations, LANES) */
} together;

static together together_of(const int count, const oscillators *o)
{
    const rldbs_tissue *const t = o->tissue;
    together all = {.tissue = t};
    double *w = o->work;
    for (int k = 0; k < count; k++, w += 5 * t->stride + LANES + 2 * folded_scratch_of(t))
        all.members[k] = (member){
            .o = o + k,
            .phase = o[k].state + 2 * t->stride,
            .slope = w,
            .sum = w + t->stride,
            .sine = w + 2 * t->stride,
            .cosine = w + 3 * t->stride,
            .drive = w + 4 * t->stride,
            .advanced = w + 5 * t->stride,
            .of_sine = folded_sums_of(t, w + 5 * t->stride + LANES),
            .of_cosine = folded_sums_of(t, w + 5 * t->stride + LANES + folded_scratch_of(t)),
        };
    all.lanes = w;
    all.field = w + 2 * count * sums_of(t) * LANES;
    return all;
}

/* Σ_r V_ri field_r, of sines and of cosines, for `groups` groups of lanes. */
ALWAYS_INLINE void fields_at(const int count, const int groups, const together *all, int64_t i, felt *of)
{
    const rldbs_tissue *const t = all->tissue;
    const int64_t modes = t->modes, stride = t->stride;
    felt sum[2 * MOST_TOGETHER];
    UNROLLED
    for (int q = 0; q < 2 * count; q++)
        UNROLLED
        for (int g = 0; g < groups; g++)
            UNROLLED
            for (int v = 0; v < VECTORS; v++)
                sum[q][g][v] = (vec){0};
    for (int64_t r = 0; r < modes; r++) {
        const double *const weights = t->weights_out + r * stride + i, *const field = all->field + 2 * count * r;
        UNROLLED
        for (int g = 0; g < groups; g++)
            UNROLLED
            for (int v = 0; v < VECTORS; v++) {
                const vec weight = load(weights + g * LANES + v * WIDTH);
                UNROLLED
                for (int q = 0; q < 2 * count; q++)
                    sum[q][g][v] = fma(weight, field[q], sum[q][g][v]);
            }
    }
    UNROLLED
    for (int q = 0; q < 2 * count; q++)
        UNROLLED
        for (int g = 0; g < groups; g++)
            UNROLLED
            for (int v = 0; v < VECTORS; v++)
                of[q][g][v] = sum[q][g][v];
}

/* The same where each meets each: as they were found. */
ALWAYS_INLINE void folded_fields_at(const int count, const int groups, const together *all, int64_t i, felt *of)
{
    for (int k = 0; k < count; k++)
        for (int g = 0; g < groups; g++)
            for (int v = 0; v < VECTORS; v++) {
                const int64_t at = i + g * LANES + v * WIDTH;
                of[2 * k][g][v] = load(all->members[k].of_sine.sums + at);
                of[2 * k + 1][g][v] = load(all->members[k].of_cosine.sums + at);
            }
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
enum { NONE, SOME, ALL }; /* of the populations: those that are driven */

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

/* One group of lanes of a population: the slope at the stage that is over, then the sines of the next. */
ALWAYS_INLINE void advance_lanes(
    const member *m, const int done, const int driven, int64_t i, const vec *of_sine, const vec *of_cosine, vec *advance)
{
    const oscillators *const o = m->o;
    const rldbs_tissue *const t = o->tissue;
    const double dt = t->dt;
    UNROLLED
    for (int v = 0; v < VECTORS; v++) {
        const int64_t at = i + v * WIDTH;
        vec phase = load(m->phase + at), slope = (vec){0};
        if (done != BEFORE) {
            const vec sine = load(m->sine + at), cosine = load(m->cosine + at);
            const vec pull = fma(cosine, of_sine[v], -(sine * of_cosine[v]));
            slope = fma(o->coupling, pull, load(o->frequency + at));
            if (driven == ALL || (driven == SOME && m->driven)) {
                const vec last = load(m->slope + at);
                const double ahead = done == FIRST ? 0.0 : done == FOURTH ? dt : 0.5 * dt;
                const vec angle = done == FIRST ? phase : fma(ahead, last, phase);
                slope = fma(response(t, angle, sine, cosine), load(m->drive + at), slope);
            }
        }
        if (done == FOURTH) {
            vec step = (dt / 6.0) * (load(m->sum + at) + slope);
            if (t->noise > 0.0) {
                const double root = t->noise;
                mask inside;
                for (int l = 0; l < WIDTH; l++)
                    inside[l] = at + l < t->neurons ? -1 : 0;
                step += (vec)((mask)(root * normal(m->key, at)) & inside);
            }
            advance[v] = fma(load(t->recording + at), step, advance[v]);
            phase = wrapped(phase + step);
            store(m->phase + at, phase);
        } else if (done != BEFORE) {
            store(m->slope + at, slope);
            store(m->sum + at, done == FIRST ? slope : fma(2.0, slope, load(m->sum + at)));
        }
        const vec angle = done == BEFORE || done == FOURTH ? phase : fma(done == THIRD ? dt : 0.5 * dt, slope, phase);
        vec sine, cosine;
        sine_cosine(angle, &sine, &cosine);
        store(m->sine + at, sine);
        store(m->cosine + at, cosine);
    }
}

/* Some groups of lanes of each population. */
ALWAYS_INLINE void advance_groups(
    const int count, const int groups, const together *all, const int done, const int driven, int64_t i)
{
    felt of[2 * MOST_TOGETHER];
    if (done != BEFORE && all->tissue->weights_out)
        fields_at(count, groups, all, i, of);
    else if (done != BEFORE)
        folded_fields_at(count, groups, all, i, of);
    for (int k = 0; k < count; k++) {
        const member *const m = all->members + k;
        vec advance[VECTORS];
        for (int v = 0; v < VECTORS; v++)
            advance[v] = load(m->advanced + v * WIDTH);
        for (int g = 0; g < groups; g++)
            advance_lanes(m, done, driven, i + g * LANES, of[2 * k][g], of[2 * k + 1][g], advance);
        for (int v = 0; v < VECTORS; v++)
            store(m->advanced + v * WIDTH, advance[v]);
    }
}

/* Whether modes are gone over from the last to the first: they are gone over forth and back. */
ALWAYS_INLINE int backwards(const int done) { return done == FIRST || done == THIRD; }

/* Oscillators [begin, end): what is over, and the sines of what comes; with modes their sums. */
ALWAYS_INLINE void patch(const int count, const together *all, const int done, const int driven, int64_t begin, int64_t end)
{
    const rldbs_tissue *const t = all->tissue;
    const int groups = at_once(2 * count);
    int64_t i = begin;
    for (; i + groups * LANES <= end; i += groups * LANES)
        advance_groups(count, groups, all, done, driven, i);
    for (; i < end; i += LANES)
        advance_groups(count, 1, all, done, driven, i);
    if (!t->weights_out)
        return; /* who needs all sines first */
    const double *of[2 * MOST_TOGETHER];
    for (int k = 0; k < count; k++) {
        of[2 * k] = all->members[k].sine + begin;
        of[2 * k + 1] = all->members[k].cosine + begin;
    }
    add_to_all_modes(2 * count, t->weights_in + begin, t->modes, t->stride, of, end - begin, all->lanes, backwards(done));
}

/* What each is given by each. */
ALWAYS_INLINE void meet(const int count, const together *all, const int last_first)
{
    const folded_sums *of[2 * MOST_TOGETHER];
    const double *sources[2 * MOST_TOGETHER];
    for (int k = 0; k < count; k++) {
        const member *const m = all->members + k;
        of[2 * k] = &m->of_sine, sources[2 * k] = m->sine;
        of[2 * k + 1] = &m->of_cosine, sources[2 * k + 1] = m->cosine;
    }
    sum_folded(2 * count, all->tissue, sources, of, last_first);
}

/* A pass over all oscillators, patch by patch. */
ALWAYS_INLINE void pass(const int count, const together *all, const int done, const int driven)
{
    const int64_t stride = all->tissue->stride, sums = 2 * count * sums_of(all->tissue);
    for (int64_t k = 0; k < sums * LANES; k++)
        all->lanes[k] = 0.0;
    for (int k = 0; k < count; k++)
        for (int l = 0; l < LANES; l++)
            all->members[k].advanced[l] = 0.0;
    for (int64_t begin = 0; begin < stride; begin += PATCH)
        patch(count, all, done, driven, begin, begin + PATCH < stride ? begin + PATCH : stride);
    for (int64_t r = 0; r < sums; r++)
        all->field[r] = sum_of_lanes(all->lanes + r * LANES);
    if (!all->tissue->weights_out)
        meet(count, all, backwards(done));
}

/* What all contacts together do to each oscillator; whether they do anything. */
static int driven_by(const member *m, int64_t step)
{
    const oscillators *const o = m->o;
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
        store(m->drive + i, sum);
    }
    return 1;
}

static void record(const member *m, int64_t step)
{
    const oscillators *const o = m->o;
    const rldbs_tissue *const t = o->tissue;
    double *const to = o->mean + step * o->step_stride;
    const double *const of[2] = {m->sine, m->cosine};
    for (int64_t q = 0; q < t->sites; q++) {
        const int64_t column = q == 0 ? 0 : 2 * q + 1;
        double lanes[2 * LANES] = {0.0};
        add_to_modes(2, 1, t->recording + q * t->stride, t->stride, of, t->stride, lanes);
        to[column * o->column_stride] = sum_of_lanes(lanes + LANES);
        to[(column + 1) * o->column_stride] = sum_of_lanes(lanes);
    }
    to[2 * o->column_stride] = sum_of_lanes(m->advanced) / t->dt / t->rate_unit;
}

static uint64_t mixed(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* The four stages; which populations are driven. */
ALWAYS_INLINE void step_once(const int count, const together *all, const int driven)
{
    pass(count, all, FIRST, driven);
    pass(count, all, SECOND, driven);
    pass(count, all, THIRD, driven);
    pass(count, all, FOURTH, driven);
}

ALWAYS_INLINE void advance(const int count, const oscillators *o)
{
    if (o->steps == 0)
        return;
    together all = together_of(count, o);
    pass(count, &all, BEFORE, NONE);
    for (int64_t step = 0; step < o->steps; step++) {
        int driven = 0;
        for (int k = 0; k < count; k++) {
            member *const m = all.members + k;
            m->key = mixed(m->o->seed + mixed(++*m->o->clock));
            driven += m->driven = driven_by(m, step);
        }
        if (driven == 0)
            step_once(count, &all, NONE);
        else if (driven == count)
            step_once(count, &all, ALL);
        else
            step_once(count, &all, SOME);
        for (int k = 0; k < count; k++)
            record(all.members + k, step);
    }
    for (int k = 0; k < count; k++)
        for (int64_t i = 0; i < o->tissue->neurons; i++) {
            o[k].state[i] = all.members[k].cosine[i];
            o[k].state[o->tissue->stride + i] = all.members[k].sine[i];
        }
}

static void advance_one(const oscillators *o) { advance(1, o); }
static void advance_together(const oscillators *o) { advance(MOST_TOGETHER, o); }

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
const phase_functions RLDBS_PHASE_OF(RLDBS_VARIANT) = {advance_one, advance_together, curve};
