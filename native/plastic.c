/* Excitatory and inhibitory neurons that integrate and fire, by Euler's method, compiled once per instruction set.
 *
 * A step is: both groups take their new values from the old ones; then spikes reach their targets one after the other, the
 * excitatory ones first, in the order of the neurons. Operations are those of the published program, each rounded by
 * itself, so that its spikes are found again. */
#include "plastic.h"
#include "noise.h"

enum { V, LEFT, TRACE, S, X, RING }; /* rows of a group's state; from RING on, S of the steps before */

/* Where one group's rows lie, `stride` doubles each. */
typedef struct {
    const rldbs_firing *kind;
    int64_t stride, first;
    const double *reach;
    double *row, *input, *spread, *before; /* X before the step, and then the traces that rise */
    int32_t *fired;
    int64_t spikes; /* of this step, in `fired` */
} group;

ALWAYS_INLINE vec chosen(mask where, vec yes, vec no) { return (vec)(((mask)yes & where) | ((mask)no & ~where)); }

/* That of neurons from a counter on. */
ALWAYS_INLINE vec noise_of(uint64_t key, uint64_t counter)
{
    bits z;
    for (int l = 0; l < WIDTH; l++)
        z[l] = key + (counter + 1 + (uint64_t)l) * GOLDEN;
    return noise_from(z);
}

/* What contacts and its own current add to each neuron, where it is not what it was in the step before. */
static void drive(const one_plastic *o, group *groups, int64_t step)
{
    const int64_t contacts = o->network->contacts, between = groups[0].stride + groups[1].stride;
    const double *const now = o->currents + step * contacts;
    int same = step > 0;
    for (int64_t c = 0; c < contacts && same; c++)
        same = now[c] == now[c - contacts];
    for (int i = 0; i < 2 && !same; i++)
        for (int64_t e = 0; e < groups[i].stride; e++) {
            double sum = o->applied[i * groups[0].stride + e];
            for (int64_t c = 0; c < contacts; c++)
                sum += groups[i].reach[c * between + e] * now[c];
            groups[i].input[e] = sum;
        }
}

/* New values of a group from the old ones, and which neurons fire. Returns the mean of v. */
static double advance_group(const one_plastic *o, group *g, uint64_t clock)
{
    const rldbs_firing *const n = g->kind;
    const rldbs_plastic *const network = o->network;
    const double dt = network->dt;
    const int64_t stride = g->stride, neurons = n->neurons;
    double *const row = g->row, *const ring = row + (RING + (int64_t)(clock % (uint64_t)network->delay)) * stride;
    const uint64_t counter = clock * (uint64_t)(network->group[0].neurons + network->group[1].neurons) + (uint64_t)g->first;
    double lanes[LANES] = {0.0};
    g->spikes = 0;
    for (int64_t i = 0; i < stride; i += WIDTH) {
        const vec v = load(row + V * stride + i), s = load(row + S * stride + i), x = load(row + X * stride + i);
        const vec noise = n->noise * noise_of(o->key, counter + (uint64_t)i), left = load(row + LEFT * stride + i) - 1.0;
        const vec slope = (-v + n->gain * load(ring + i) + n->drive + load(g->input + i) + noise) / n->tau;
        const vec next = v + dt * slope;
        const mask fires = (v < n->threshold) & (next >= n->threshold), held = left > 0.0;
        vec after = chosen(fires | held, splat(n->reset), chosen(next > n->floor, next, splat(n->floor)));
        int64_t any = 0;
        for (int l = 0; l < WIDTH; l++)
            any |= fires[l];
        for (int64_t l = neurons > i ? neurons - i : 0; l < WIDTH; l++)
            after[l] = n->reset; /* the padding is neurons that nobody sees */
        for (int64_t l = 0; any && l < WIDTH && i + l < neurons; l++)
            if (fires[l])
                g->fired[g->spikes++] = (int32_t)(i + l);
        const vec away = after - n->reset;
        store(row + V * stride + i, after);
        store(row + LEFT * stride + i, chosen(fires, splat(n->refractory), chosen(held, left, splat(0.0))));
        store(ring + i, s);
        store(g->before + i, x);
        store(row + S * stride + i, s + dt * (x - s));
        store(row + X * stride + i, x + dt * -x);
        store(lanes + i % LANES, load(lanes + i % LANES) + away);
        store(g->spread + i, load(g->spread + i) + away);
        store(g->spread + stride + i, load(g->spread + stride + i) + away * away);
    }
    return n->reset + sum_of_lanes(lanes) / (double)neurons;
}

/* Spikes of excitatory neurons: inhibitory ones are excited by the weights, which what these have just fired depresses. */
static void excite(const one_plastic *o, const group *from, const group *to, double *weight, int plastic)
{
    const rldbs_plastic *const n = o->network;
    double *const x = to->row + X * to->stride;
    const double *const trace = to->row + TRACE * to->stride, *const left = to->row + LEFT * to->stride;
    for (int64_t k = 0; k < from->spikes; k++)
        for (int64_t s = o->outward[0][from->fired[k]]; s < o->outward[0][from->fired[k] + 1]; s++) {
            const int32_t target = o->target[0][s];
            x[target] = (n->assigns ? to->before : x)[target] + weight[s];
            if (plastic && !(n->assigns && left[target] == to->kind->refractory)) {
                const double next = weight[s] + n->depression * trace[target];
                weight[s] = next < n->least ? n->least : next;
            }
        }
}

/* Spikes of inhibitory neurons: excitatory ones are inhibited, and the weights onto those that fire are potentiated by what
 * excitatory ones have just fired. */
static void inhibit(const one_plastic *o, const group *from, const group *to, double *weight, int plastic)
{
    const rldbs_plastic *const n = o->network;
    double *const x = to->row + X * to->stride;
    const double *const trace = to->row + TRACE * to->stride;
    for (int64_t k = 0; k < from->spikes; k++) {
        const int64_t neuron = from->fired[k];
        for (int64_t s = o->outward[1][neuron]; s < o->outward[1][neuron + 1]; s++)
            x[o->target[1][s]] = (n->assigns ? to->before : x)[o->target[1][s]] - 1.0;
        for (int64_t s = o->inward[neuron]; plastic && s < o->inward[neuron + 1]; s++) {
            double *const w = weight + o->synapse[s], next = *w + n->potentiation * trace[o->source[s]];
            *w = next > n->most ? n->most : next;
        }
    }
}

/* Traces decay, but those that rise where neurons have fired. */
static void trace(const group *g, double dt)
{
    double *const row = g->row + TRACE * g->stride;
    for (int64_t k = 0; k < g->spikes; k++)
        g->before[k] = row[g->fired[k]] + g->kind->trace_step;
    for (int64_t i = 0; i < g->stride; i += WIDTH) {
        const vec before = load(row + i);
        store(row + i, before + dt * (-before / g->kind->trace_time));
    }
    for (int64_t k = 0; k < g->spikes; k++)
        row[g->fired[k]] = g->before[k];
}

/* Lists the spikes of a step. */
static void list(const one_plastic *o, const group *g, int64_t step)
{
    for (int64_t k = 0; k < g->spikes; k++)
        if ((*o->count)++ < o->capacity) {
            int32_t *const to = o->spikes + 2 * (*o->count - 1);
            to[0] = (int32_t)step;
            to[1] = (int32_t)g->first + g->fired[k];
        }
}

static double mean_of(const double *values, int64_t count)
{
    double lanes[LANES] = {0.0};
    for (int64_t i = 0; i < count; i++)
        lanes[i % LANES] += values[i];
    return sum_of_lanes(lanes) / (double)count;
}

static void forget(const group *g)
{
    for (int64_t e = 0; e < 2 * g->stride; e++)
        g->spread[e] = 0.0;
}

/* χ² of a group: how the mean over neurons varies, of which sum and sum of squares are given, against how each one does. */
static double synchrony(const group *g, double sum, double square, double steps)
{
    double lanes[LANES] = {0.0};
    const double mean = sum / steps, of_all = square / steps - mean * mean;
    for (int64_t e = 0; e < g->kind->neurons; e++) {
        const double own = g->spread[e] / steps;
        lanes[e % LANES] += g->spread[g->stride + e] / steps - own * own;
    }
    const double of_each = sum_of_lanes(lanes) / (double)g->kind->neurons;
    return of_each > 0.0 && of_all > 0.0 ? of_all / of_each : 0.0;
}

/* Takes in what the mean of the first group is, and at the end of a window sums it up. */
static void hear(const one_plastic *o, const group *groups, const double *weight, double *heard, int64_t step)
{
    const rldbs_plastic *const n = o->network;
    const double away = o->means[2 * step] - groups->kind->reset;
    heard[0] += away, heard[1] += away * away;
    if ((*o->clock + 1) % (uint64_t)n->window == 0) {
        heard[2] = synchrony(groups, heard[0], heard[1], (double)n->window);
        heard[3] = mean_of(weight, o->outward[0][n->group[0].neurons]);
        heard[0] = heard[1] = 0.0;
        for (int i = 0; i < 2; i++)
            forget(groups + i);
    }
    o->told[2 * step] = heard[2], o->told[2 * step + 1] = heard[3];
}

static void advance(const one_plastic *o)
{
    const rldbs_plastic *const n = o->network;
    double *state = o->state, *work = o->work;
    const int64_t all = 2 * (n->group[0].stride + n->group[1].stride);
    double *const behind = state + (RING + n->delay) * all / 2 + n->capacity[0], *const spread = n->window ? behind : o->spread;
    group groups[2];
    for (int i = 0; i < 2; i++) {
        const int64_t stride = n->group[i].stride, before = i * n->group[0].stride;
        groups[i] = (group){n->group + i, stride, i * n->group[0].neurons, n->reach + before, state, work, spread + 2 * before,
                            work + stride, (int32_t *)(work + 2 * stride), 0};
        state += (RING + n->delay) * stride, work += 3 * stride;
        if (!n->window)
            forget(groups + i);
    }
    *o->count = 0;
    for (int64_t step = 0; step < o->steps; step++, ++*o->clock) {
        const int plastic = *o->clock >= (uint64_t)n->fixed;
        drive(o, groups, step);
        for (int i = 0; i < 2; i++)
            o->means[2 * step + i] = advance_group(o, groups + i, *o->clock);
        excite(o, groups, groups + 1, state, plastic);
        inhibit(o, groups + 1, groups, state, plastic);
        for (int i = 0; i < 2; i++) {
            trace(groups + i, n->dt);
            list(o, groups + i, step);
        }
        if (n->window)
            hear(o, groups, state, behind + all, step);
    }
    *o->weight = mean_of(state, o->outward[0][n->group[0].neurons]);
}

extern plastic_advance *const RLDBS_PLASTIC_OF(RLDBS_VARIANT);
plastic_advance *const RLDBS_PLASTIC_OF(RLDBS_VARIANT) = advance;
