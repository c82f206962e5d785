/* Networks of cells, by Euler's method or classical RK4, compiled once per instruction set and, within it, once per cell.
 *
 * A stage is: every projection sums its sources for each of its targets, then every group takes its rates from that. Sums
 * have the order of the description, and no cell adds to another's numbers but there: no result depends on how wide a
 * vector is or how many networks are advanced together. */
#include "network.h"
#include "vector.h"
#include "cells.h"

typedef void rate_function(const vec *state, const vec *input, const double *parameters, double ahead, vec *rate);
typedef void spike_function(mask fired, const double *parameters, vec *state);

enum { FIRED = 1, BEYOND = 2 }; /* a threshold; all bounds */

/* Where one group's rows lie in the scratch memory, `stride` doubles each. */
typedef struct {
    int cell;
    int64_t cells, first_cell, length, stride, variables, inputs;
    double *state, *input, *stage, *sum;
    const double *parameters;
    int64_t *event; /* of the step: FIRED, BEYOND or both */
} group;

typedef struct {
    const networks_together *batch;
    const rldbs_network *network;
    group group[RLDBS_MOST_GROUPS];
    int32_t *element; /* of each projection in turn (sources, stride of the target): which elements of the source's row */
} workspace;

#define SIZES(cell) {cell##_variables, cell##_inputs},
static const int sizes[][2] = {RLDBS_CELLS(SIZES)};

static workspace workspace_of(const networks_together *b)
{
    workspace w = {.batch = b, .network = b->network};
    double *row = b->work;
    int64_t first_cell = 0;
    for (int i = 0; i < w.network->groups; i++) {
        group *const g = w.group + i;
        g->cell = w.network->cell[i], g->cells = w.network->cells[i], g->first_cell = first_cell;
        g->parameters = w.network->parameters + w.network->first_parameter[i];
        g->length = g->cells * b->together, g->stride = (g->length + LANES - 1) / LANES * LANES;
        g->variables = sizes[g->cell][0], g->inputs = sizes[g->cell][1];
        g->state = row, row += g->variables * g->stride;
        g->stage = row, row += g->variables * g->stride;
        g->sum = row, row += g->variables * g->stride;
        g->input = row, row += g->inputs * g->stride;
        g->event = (int64_t *)row, row += g->stride;
        for (double *padded = g->state; padded < (double *)g->event; padded++)
            *padded = 0.0; /* the padding is cells that nobody sees */
        first_cell += g->cells;
    }
    w.element = (int32_t *)row;
    const int32_t *source = w.network->source;
    int32_t *element = w.element;
    for (int p = 0; p < w.network->projections; p++) {
        const group *const g = w.group + w.network->to[p];
        for (int32_t j = 0; j < w.network->sources[p]; j++, source += g->cells)
            for (int64_t e = 0; e < g->stride; e++)
                *element++ = e < g->length ? (int32_t)(source[e / b->together] * b->together + e % b->together) : 0;
    }
    return w;
}

/* Between the caller's memory and rows in which networks lie side by side. */
static void move_states(const workspace *w, int back)
{
    const int64_t together = w->batch->together;
    int64_t at = 0;
    for (int i = 0; i < w->network->groups; at += w->group[i].variables * w->group[i].cells, i++) {
        const group *const g = w->group + i;
        for (int64_t j = 0; j < g->variables; j++)
            for (int64_t e = 0; e < g->length; e++) {
                double *const outside = w->batch->state + e % together * w->batch->size + at + j * g->cells + e / together;
                double *const inside = g->state + j * g->stride + e;
                *(back ? outside : inside) = *(back ? inside : outside);
            }
    }
}

/* The current into each cell, where it is not what it was in the step before. */
static void drive(const workspace *w, int64_t step)
{
    const networks_together *const b = w->batch;
    const int64_t contacts = w->network->contacts;
    int same = step > 0;
    for (int64_t k = 0; k < b->together && same; k++) {
        const double *const now = b->currents + (k * b->steps + step) * contacts;
        for (int64_t c = 0; c < contacts; c++)
            same &= now[c] == now[c - contacts];
    }
    for (int i = 0; i < w->network->groups && !same; i++) {
        const group *const g = w->group + i;
        for (int64_t e = 0; e < g->length; e++) {
            const int64_t cell = g->first_cell + e / b->together, k = e % b->together;
            double sum = b->applied[k * b->all_cells + cell];
            for (int64_t c = 0; c < contacts; c++)
                sum += w->network->reach[c * b->all_cells + cell] * b->currents[(k * b->steps + step) * contacts + c];
            g->input[e] = sum;
        }
    }
}

ALWAYS_INLINE vec picked(const double *from, const int32_t *at)
{
    vec value = {0};
    for (int l = 0; l < WIDTH; l++)
        value[l] = from[at[l]];
    return value;
}

/* The sums over sources that the cells' equations take, from the groups' states or from those at a stage. Where as many
 * networks lie side by side as there are lanes, each source is whole vectors. */
static void gather(const workspace *w, int at_stage)
{
    const rldbs_network *const n = w->network;
    const int side_by_side = w->batch->together == LANES;
    for (int i = 0; i < n->groups; i++)
        for (int64_t e = w->group[i].stride; e < w->group[i].inputs * w->group[i].stride; e++)
            w->group[i].input[e] = 0.0;
    const int32_t *source = n->source, *element = w->element;
    for (int p = 0; p < n->projections; p++) {
        const group *const of = w->group + n->from[p], *const onto = w->group + n->to[p];
        const double *const from = (at_stage ? of->stage : of->state) + n->row[p] * of->stride;
        double *const to = onto->input + n->input[p] * onto->stride;
        const int64_t sources = n->sources[p], cells = onto->cells, stride = onto->stride;
        for (int64_t i = 0; i < onto->length; i += WIDTH) {
            const int64_t t = i / LANES, k = i % LANES;
            vec sum = side_by_side ? load(from + source[t] * LANES + k) : picked(from, element + i);
            for (int64_t j = 1; j < sources; j++)
                sum += side_by_side ? load(from + source[j * cells + t] * LANES + k)
                                    : picked(from, element + j * stride + i);
            store(to + i, load(to + i) + n->weight[p] * sum);
        }
        source += sources * cells;
        element += sources * stride;
    }
}

ALWAYS_INLINE mask events(vec before, vec after, double threshold)
{
    const mask fired = (before < threshold) & (after > threshold);
    const mask within = (after >= -(double)RLDBS_MOST_VOLTAGE) & (after <= (double)RLDBS_MOST_VOLTAGE);
    return (fired & FIRED) | (~within & BEYOND);
}

enum { FIRST, SECOND, THIRD, FOURTH, EULER };

/* One stage of one group. Returns whether there were events; only the last stage has any. */
ALWAYS_INLINE int64_t advance_group(
    rate_function *rate, spike_function *spike, const int variables, const int inputs, const int parameters,
    const double threshold, const int stage, const group *g, double dt)
{
    const int last = stage == FOURTH || stage == EULER;
    mask any = (mask){0};
    double parameter[RLDBS_MOST_PARAMETERS]; /* a copy, so that what is made of it is made once: nothing below writes there */
    for (int j = 0; j < parameters; j++)
        parameter[j] = g->parameters[j];
    for (int64_t i = 0; i < g->length; i += WIDTH) {
        vec begin[RLDBS_MOST_VARIABLES], state[RLDBS_MOST_VARIABLES], slope[RLDBS_MOST_VARIABLES];
        vec input[RLDBS_MOST_INPUTS];
        for (int j = 0; j < variables; j++) {
            begin[j] = load(g->state + j * g->stride + i);
            state[j] = stage == FIRST || stage == EULER ? begin[j] : load(g->stage + j * g->stride + i);
        }
        for (int j = 0; j < inputs; j++)
            input[j] = load(g->input + j * g->stride + i);
        rate(state, input, parameter, stage == EULER ? dt : 0.0, slope);
        for (int j = 0; j < variables; j++) {
            double *const sum = g->sum + j * g->stride + i;
            if (stage == EULER)
                state[j] = fma(dt, slope[j], begin[j]);
            else if (stage == FOURTH)
                state[j] = fma(dt / 6.0, load(sum) + slope[j], begin[j]);
            else {
                store(sum, stage == FIRST ? slope[j] : fma(2.0, slope[j], load(sum)));
                store(g->stage + j * g->stride + i, fma(stage == THIRD ? dt : 0.5 * dt, slope[j], begin[j]));
            }
        }
        if (last) {
            const mask event = events(begin[0], state[0], threshold);
            spike((event & FIRED) == FIRED, parameter, state);
            any |= event;
            *(mask *)(g->event + i) = event;
            for (int j = 0; j < variables; j++)
                store(g->state + j * g->stride + i, state[j]);
        }
    }
    int64_t found = 0;
    for (int l = 0; last && l < WIDTH; l++)
        found |= any[l];
    return found;
}

#define ADVANCE(cell, stage, g, dt) \
    advance_group( \
        cell##_rate, cell##_spike, cell##_variables, cell##_inputs, cell##_parameters, cell##_threshold, stage, g, dt)
#define DEFINE_ADVANCE(cell) \
    _Static_assert( \
        (int)cell##_variables <= RLDBS_MOST_VARIABLES && (int)cell##_inputs <= RLDBS_MOST_INPUTS \
            && (int)cell##_parameters <= RLDBS_MOST_PARAMETERS, \
        "too large"); \
    static int64_t euler_##cell(const group *g, double dt) { return ADVANCE(cell, EULER, g, dt); } \
    static int64_t first_##cell(const group *g, double dt) { return ADVANCE(cell, FIRST, g, dt); } \
    static int64_t second_##cell(const group *g, double dt) { return ADVANCE(cell, SECOND, g, dt); } \
    static int64_t third_##cell(const group *g, double dt) { return ADVANCE(cell, THIRD, g, dt); } \
    static int64_t fourth_##cell(const group *g, double dt) { return ADVANCE(cell, FOURTH, g, dt); }
RLDBS_CELLS(DEFINE_ADVANCE)

#define LIST_STAGES(cell) {first_##cell, second_##cell, third_##cell, fourth_##cell, euler_##cell},
static int64_t (*const stages[][5])(const group *, double) = {RLDBS_CELLS(LIST_STAGES)};

/* Lists the spikes of a step, in the order of the cells. Returns whether a network has left all bounds. */
static int list_events(const workspace *w, const group *g, int64_t step)
{
    const networks_together *const b = w->batch;
    int beyond = 0;
    for (int64_t e = 0; e < g->length; e++) {
        const int64_t k = e % b->together;
        if (g->event[e] & BEYOND) {
            beyond = 1;
            if (b->counts[k] >= 0)
                b->counts[k] = -1 - (g->first_cell + e / b->together);
        }
        if (g->event[e] == FIRED && b->counts[k] >= 0 && b->counts[k]++ < b->capacity) {
            int32_t *const to = b->spikes + 2 * (k * b->capacity + b->counts[k] - 1);
            to[0] = (int32_t)step;
            to[1] = (int32_t)(g->first_cell + e / b->together);
        }
    }
    return beyond;
}

/* One stage of all groups. Returns whether a network has left all bounds. */
static int advance_stage(const workspace *w, int stage, int64_t step)
{
    int beyond = 0;
    gather(w, stage != FIRST && stage != EULER);
    for (int i = 0; i < w->network->groups; i++)
        if (stages[w->group[i].cell][stage](w->group + i, w->network->dt))
            beyond |= list_events(w, w->group + i, step);
    return beyond;
}

/* Weighted sums over a group's cells, in lanes and then pairwise, as one network alone would have them. */
static void sum_of_one(const double *weight, const double *row, int64_t together, int64_t cells, double *to)
{
    double lanes[LANES] = {0.0};
    for (int64_t c = 0; c < cells; c++)
        lanes[c % LANES] += weight[c] * row[c * together];
    *to = sum_of_lanes(lanes);
}

static void sum_of_side_by_side(const double *weight, const double *row, int64_t cells, double *to, int64_t stride)
{
    for (int64_t k = 0; k < LANES; k += WIDTH) {
        vec lanes[LANES] = {{0.0}};
        for (int64_t c = 0; c < cells; c++)
            lanes[c % LANES] += weight[c] * load(row + c * LANES + k);
        for (int half = LANES / 2; half > 0; half /= 2)
            for (int i = 0; i < half; i++)
                lanes[i] += lanes[i + half];
        for (int l = 0; l < WIDTH; l++)
            to[(k + l) * stride] = lanes[0][l];
    }
}

static void record(const workspace *w, int64_t sample)
{
    const networks_together *const b = w->batch;
    const rldbs_network *const n = w->network;
    const int64_t stride = b->steps / b->every * n->channels;
    for (int q = 0; q < n->channels; q++) {
        const group *const g = w->group + n->channel_group[q];
        const double *const row = g->state + n->channel_row[q] * g->stride;
        const double *const weight = n->recording + q * b->all_cells + g->first_cell;
        double *const to = b->samples + sample * n->channels + q;
        if (b->together == LANES)
            sum_of_side_by_side(weight, row, g->cells, to, stride);
        else
            for (int64_t k = 0; k < b->together; k++)
                sum_of_one(weight, row + k, b->together, g->cells, to + k * stride);
    }
}

static void advance(const networks_together *b)
{
    const workspace w = workspace_of(b);
    for (int64_t k = 0; k < b->together; k++)
        b->counts[k] = 0;
    move_states(&w, 0);
    for (int64_t step = 0; step < b->steps; step++) {
        int beyond = 0;
        drive(&w, step);
        if (w.network->integrator == RLDBS_EULER)
            beyond = advance_stage(&w, EULER, step);
        else
            for (int stage = FIRST; stage <= FOURTH; stage++)
                beyond |= advance_stage(&w, stage, step);
        if (beyond)
            return;
        if ((step + 1) % b->every == 0)
            record(&w, step / b->every);
    }
    move_states(&w, 1);
}

extern network_advance *const RLDBS_NETWORK_OF(RLDBS_VARIANT);
network_advance *const RLDBS_NETWORK_OF(RLDBS_VARIANT) = advance;
