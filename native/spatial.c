/* Neurons in tissue, coupled through modes, by classical RK4: compiled once per instruction set and, within it, once per
 * neuron model.
 *
 * As in kernel.c, a step is two passes over the neurons, since the coupling is linear: what it adds at a stage follows from
 * the modes' sums of x and of its slope. Only, what it adds is not the same for all, so that it is felt again by the modes'
 * sums of slopes: by `mixing`, W·V'. With e = ε V' field the stages are those of stages.h, neuron by neuron. */
#include "spatial.h"
#include "modes.h"
#include "stages.h"
#include "models.h"

/* Fields are (modes, padded to whole lanes). */
typedef struct {
    double *next;                       /* (variables, stride) the first slope, then the state of the next stage */
    double *second_slope, *third_slope; /* (PATCH) of x */
    double *lanes;                      /* (2 modes, LANES) */
    double *plain, *sites;              /* (variables, LANES) and (sites, LANES) */
    double *one_sum, *other_sum;        /* fields: what the modes have summed in a pass */
    double *x, *first, *ahead, *third;  /* fields: of x before a step, and what is felt at its stages */
    double *mixed;                      /* what one of these gives back to the modes */
    int64_t padded;
} workspace;

static workspace workspace_of(const rldbs_spatial *t, int variables, double *work)
{
    const int64_t padded = (t->modes + LANES - 1) / LANES * LANES;
    workspace w = {.next = work, .padded = padded};
    w.second_slope = w.next + variables * t->stride;
    w.third_slope = w.second_slope + PATCH;
    w.lanes = w.third_slope + PATCH;
    w.plain = w.lanes + 2 * t->modes * LANES;
    w.sites = w.plain + variables * LANES;
    double **const fields[] = {&w.one_sum, &w.other_sum, &w.x, &w.first, &w.ahead, &w.third, &w.mixed};
    for (int i = 0; i < 7; i++)
        *fields[i] = w.sites + t->sites * LANES + i * padded;
    return w;
}

/* What a pass has of its population, where no store can touch it. */
typedef struct {
    double parameters[MOST_PARAMETERS];
    double dt;
    int64_t stride;
    const double *current, *conductance;
    double *state, *next;
} in_pass;

ALWAYS_INLINE in_pass beginning(const int count, const spatial_population *p, const workspace *w)
{
    const rldbs_spatial *const t = p->tissue;
    in_pass now = {.dt = t->dt, .stride = t->stride, .current = p->current, .conductance = p->conductance,
                   .state = p->state, .next = w->next};
    for (int i = 0; i < count; i++)
        now.parameters[i] = t->parameters[i];
    return now;
}

/* What two fields do to the neurons of `count` groups. */
ALWAYS_INLINE void felt_at(
    const int count, const rldbs_spatial *t, const double *one, const double *other, int64_t i, group *of_one,
    group *of_other)
{
    if (t->weights_out)
        take_from_modes(count, t->weights_out + i * t->modes, t->modes, one, other, of_one, of_other);
    else
        for (int g = 0; g < count; g++)
            for (int v = 0; v < VECTORS; v++) {
                of_one[g][v] = load(one + i + g * LANES + v * WIDTH);
                of_other[g][v] = load(other + i + g * LANES + v * WIDTH);
            }
}

ALWAYS_INLINE void second_and_third(
    rate_function *rate, const int variables, const in_pass *p, int64_t i, vec first, vec second, double *second_slope,
    double *third_slope)
{
    const double half = 0.5 * p->dt, sixth = p->dt / 6.0;
    vec w[MOST_VARIABLES], k2[MOST_VARIABLES], k3[MOST_VARIABLES];
    for (int j = 0; j < variables; j++) {
        vec from = load(p->state + j * p->stride + i);
        if (j == 0)
            from += half * first;
        w[j] = fma(half, load(p->next + j * p->stride + i), from);
    }
    rate(w, load(p->current + i) + second, p->parameters, k2);
    for (int j = 0; j < variables; j++)
        w[j] = fma(half, k2[j], load(p->state + j * p->stride + i));
    rate(w, load(p->current + i), p->parameters, k3);
    for (int j = 0; j < variables; j++) {
        double *const state = p->state + j * p->stride + i, *const next = p->next + j * p->stride + i;
        const vec from = load(state), slope = fma(2.0, k2[j] + k3[j], load(next));
        store(next, fma(p->dt, k3[j], from));
        store(state, fma(sixth, slope, from));
    }
    store(second_slope, k2[0]);
    store(third_slope, k3[0]);
}

ALWAYS_INLINE void fourth(
    rate_function *rate, const int variables, const in_pass *p, int64_t i, vec third, vec together)
{
    vec w[MOST_VARIABLES], k[MOST_VARIABLES];
    for (int j = 0; j < variables; j++)
        w[j] = load(p->next + j * p->stride + i);
    w[0] += p->dt * third;
    rate(w, load(p->current + i) + together, p->parameters, k);
    for (int j = 0; j < variables; j++) {
        double *const state = p->state + j * p->stride + i;
        store(state, fma(p->dt / 6.0, k[j], load(state)));
    }
}

/* Stage 1, after the kicks. */
ALWAYS_INLINE void first(
    rate_function *rate, const int variables, const in_pass *p, const int64_t contacts, const double *kicks, int64_t i)
{
    vec s[MOST_VARIABLES], k[MOST_VARIABLES], kick = {0};
    for (int64_t c = 0; c < contacts; c++)
        kick = fma(kicks[c], load(p->conductance + c * p->stride + i), kick);
    for (int j = 0; j < variables; j++)
        s[j] = load(p->state + j * p->stride + i);
    s[0] += kick;
    store(p->state + i, s[0]);
    rate(s, load(p->current + i), p->parameters, k);
    for (int j = 0; j < variables; j++)
        store(p->next + j * p->stride + i, k[j]);
}

/* What stands where there are no neurons would count in no sum but as 0 times itself, which is not always 0. */
ALWAYS_INLINE void clear(double *of, int64_t begin, int64_t end)
{
    for (int64_t i = begin; i < end; i++)
        of[i] = 0.0;
}

static void begin_sums(const rldbs_spatial *t, const workspace *w) { clear(w->lanes, 0, 2 * t->modes * LANES); }

static void end_sums(const rldbs_spatial *t, const workspace *w)
{
    for (int64_t r = 0; r < t->modes; r++) {
        w->one_sum[r] = sum_of_lanes(w->lanes + 2 * r * LANES);
        w->other_sum[r] = sum_of_lanes(w->lanes + (2 * r + 1) * LANES);
    }
}

/* Stages 2 and 3, and the modes' sums of their slopes. */
ALWAYS_INLINE void middle_pass(
    rate_function *rate, const int variables, const int count, const spatial_population *p, const workspace *w)
{
    const rldbs_spatial *const t = p->tissue;
    const in_pass now = beginning(count, p, w);
    group one[AT_ONCE], other[AT_ONCE];
    begin_sums(t, w);
    for (int64_t begin = 0; begin < t->stride; begin += PATCH) {
        const int64_t end = begin + PATCH < t->stride ? begin + PATCH : t->stride;
        for (int64_t i = begin; i < end;) {
            const int groups = i + AT_ONCE * LANES <= end ? AT_ONCE : 1;
            if (groups == AT_ONCE)
                felt_at(AT_ONCE, t, w->first, w->ahead, i, one, other);
            else
                felt_at(1, t, w->first, w->ahead, i, one, other);
            for (int g = 0; g < groups; g++, i += LANES)
                UNROLLED
                for (int v = 0; v < VECTORS; v++) {
                    const int64_t at = i + v * WIDTH;
                    second_and_third(rate, variables, &now, at, one[g][v], other[g][v], w->second_slope + at - begin,
                                     w->third_slope + at - begin);
                }
        }
        if (end > t->neurons) {
            clear(w->second_slope, t->neurons - begin, end - begin);
            clear(w->third_slope, t->neurons - begin, end - begin);
        }
        const double *const slopes[] = {w->second_slope, w->third_slope};
        add_to_all_modes(2, t->weights_in + begin, t->modes, t->stride, slopes, end - begin, w->lanes, 0);
    }
    end_sums(t, w);
}

/* Stage 4 of the neurons of a patch, and what is recorded of them. */
ALWAYS_INLINE void finish_patch(
    rate_function *rate, const int variables, const spatial_population *p, const in_pass *now, const workspace *w,
    double *to, int64_t begin, int64_t end)
{
    const rldbs_spatial *const t = p->tissue;
    group one[AT_ONCE], other[AT_ONCE];
    for (int64_t i = begin; i < end;) {
        const int groups = i + AT_ONCE * LANES <= end ? AT_ONCE : 1;
        if (groups == AT_ONCE)
            felt_at(AT_ONCE, t, w->third, w->ahead, i, one, other);
        else
            felt_at(1, t, w->third, w->ahead, i, one, other);
        for (int g = 0; g < groups; g++, i += LANES)
            UNROLLED
            for (int v = 0; v < VECTORS; v++)
                fourth(rate, variables, now, i + v * WIDTH, one[g][v], other[g][v]);
    }
    for (int j = 0; end > t->neurons && j < variables; j++)
        clear(p->state + j * t->stride, t->neurons, end);
    for (int j = 0; j < variables; j++) {
        double *const lanes = w->plain + j * LANES;
        add_plainly(p->state + j * t->stride + begin, end - begin, lanes);
        if (end % BLOCK == 0 || end == t->stride) {
            to[j * p->column_stride] += sum_of_lanes(lanes);
            clear(lanes, 0, LANES);
        }
    }
    for (int64_t q = 0; q < t->sites; q++)
        add_to_sum(t->recording + q * t->stride + begin, p->state + begin, end - begin, w->sites + q * LANES);
}

/* Stage 4 of a step, whose record goes to `to`, and stage 1 of the next, which `kicks` begin: or one of the two. */
ALWAYS_INLINE void outer_pass(
    rate_function *rate, const int variables, const int count, const spatial_population *p, const workspace *w, double *to,
    const double *kicks)
{
    const rldbs_spatial *const t = p->tissue;
    const in_pass now = beginning(count, p, w);
    for (int j = 0; to && j < variables; j++)
        to[j * p->column_stride] = 0.0;
    clear(w->plain, 0, (variables + t->sites) * LANES);
    begin_sums(t, w);
    for (int64_t begin = 0; begin < t->stride; begin += PATCH) {
        const int64_t end = begin + PATCH < t->stride ? begin + PATCH : t->stride;
        if (to)
            finish_patch(rate, variables, p, &now, w, to, begin, end);
        if (kicks) {
            for (int64_t i = begin; i < end; i += WIDTH)
                first(rate, variables, &now, t->contacts, kicks, i);
            if (end > t->neurons)
                clear(w->next, t->neurons, end);
            const double *const given[] = {p->state + begin, w->next + begin};
            add_to_all_modes(2, t->weights_in + begin, t->modes, t->stride, given, end - begin, w->lanes, 0);
        }
    }
    end_sums(t, w);
    for (int j = 0; to && j < variables; j++)
        to[j * p->column_stride] /= (double)t->neurons;
    for (int64_t q = 0; to && q < t->sites; q++)
        to[(variables + q) * p->column_stride] = sum_of_lanes(w->sites + q * LANES);
}

/* What the modes feel of fields that neurons feel: W·V' field. */
static void mix_field(const rldbs_spatial *t, const workspace *w, const double *field)
{
    if (t->weights_out) {
        mix(t->mixing, t->modes, w->padded, field, w->mixed);
        return;
    }
    begin_sums(t, w);
    add_to_all_modes(2, t->weights_in, t->modes, t->stride, (const double *const[]){field, field}, t->stride, w->lanes, 0);
    for (int64_t r = 0; r < t->modes; r++)
        w->mixed[r] = sum_of_lanes(w->lanes + 2 * r * LANES);
}

/* What is felt at stages 1 and 2, from the sums of x and of its first slope. */
static void look_ahead(const spatial_population *p, const workspace *w)
{
    const double half = 0.5 * p->tissue->dt, coupling = p->coupling;
    for (int64_t r = 0; r < w->padded; r++) {
        w->x[r] = w->one_sum[r];
        w->first[r] = coupling * w->x[r];
    }
    mix_field(p->tissue, w, w->first);
    for (int64_t r = 0; r < w->padded; r++)
        w->ahead[r] = coupling * (w->x[r] + half * (w->other_sum[r] + w->mixed[r]));
}

/* What is felt at stage 3, and all that stage 4 has to put in. */
static void look_back(const spatial_population *p, const workspace *w)
{
    const double dt = p->tissue->dt, half = 0.5 * dt, coupling = p->coupling;
    for (int64_t r = 0; r < w->padded; r++)
        w->third[r] = coupling * (w->x[r] + half * w->one_sum[r]);
    mix_field(p->tissue, w, w->third);
    for (int64_t r = 0; r < w->padded; r++) {
        const double last = coupling * (w->x[r] + dt * (w->other_sum[r] + w->mixed[r]));
        w->ahead[r] = w->first[r] + 2.0 * w->third[r] + last;
    }
}

ALWAYS_INLINE void advance(rate_function *rate, const int variables, const int count, const spatial_population *p)
{
    if (p->steps == 0)
        return;
    const rldbs_spatial *const t = p->tissue;
    const workspace w = workspace_of(t, variables, p->work);
    clear(w.one_sum, t->modes, w.padded);
    clear(w.other_sum, t->modes, w.padded);
    clear(w.mixed, t->modes, w.padded);
    outer_pass(rate, variables, count, p, &w, 0, p->kicks);
    for (int64_t step = 0; step < p->steps; step++) {
        look_ahead(p, &w);
        middle_pass(rate, variables, count, p, &w);
        look_back(p, &w);
        const double *const kicks = step + 1 < p->steps ? p->kicks + (step + 1) * t->contacts : 0;
        outer_pass(rate, variables, count, p, &w, p->mean + step * p->step_stride, kicks);
    }
}

/* W·V', two modes s at once. */
static void mixing(const rldbs_spatial *t, double *to, double *work)
{
    const workspace w = workspace_of(t, 0, work);
    for (int64_t s = 0; s < t->modes; s += 2) {
        const int64_t next = s + 1 < t->modes ? s + 1 : s;
        begin_sums(t, &w);
        for (int64_t begin = 0; begin < t->stride; begin += PATCH) {
            const int64_t end = begin + PATCH < t->stride ? begin + PATCH : t->stride;
            for (int64_t i = begin; i < end; i++) {
                const double *const weights = t->weights_out + i / LANES * LANES * t->modes + i % LANES;
                w.second_slope[i - begin] = weights[s * LANES];
                w.third_slope[i - begin] = weights[next * LANES];
            }
            const double *const columns[] = {w.second_slope, w.third_slope};
            add_to_all_modes(2, t->weights_in + begin, t->modes, t->stride, columns, end - begin, w.lanes, 0);
        }
        end_sums(t, &w);
        for (int64_t r = 0; r < t->modes; r++) {
            double *const row = to + r / LANES * LANES * t->modes + r % LANES;
            row[s * LANES] = w.one_sum[r];
            row[next * LANES] = w.other_sum[r];
        }
    }
}

#define DEFINE_ADVANCE(model) \
    static void advance_##model(const spatial_population *p) \
    { \
        advance(model##_rate, model##_variables, model##_parameters, p); \
    }
RLDBS_MODELS(DEFINE_ADVANCE)

#define LIST_ADVANCE(model) advance_##model,
static void (*const models[])(const spatial_population *) = {RLDBS_MODELS(LIST_ADVANCE)};

extern const spatial_functions RLDBS_SPATIAL_OF(RLDBS_VARIANT);
const spatial_functions RLDBS_SPATIAL_OF(RLDBS_VARIANT) = {models, mixing};
