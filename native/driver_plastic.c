/* The driver's networks with plastic synapses: every second pair of neurons is connected. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rldbs.h"
#include "driver.h"

enum { CONTACTS = 2, STEPS = 300, DELAY = 5, CAPACITY = 4096, WINDOW = 7 };

typedef struct {
    rldbs_plastic network;
    int64_t networks, size, all_rows;
    int64_t *outward[2], *inward, *counts;
    int32_t *target[2], *source, *synapse, *spikes;
    uint64_t *keys, *clocks;
    double *reach, *state, *applied, *currents, *means, *spread, *weight, *told;
} plastic_run;

static void *zeros(int64_t count, size_t size)
{
    void *const memory = doubles((count * (int64_t)size + 7) / 8 + 1);
    memset(memory, 0, (size_t)count * size);
    return memory;
}

/* Neuron i of a group reaches neuron j of the other one where their sum and the network's number are odd. */
static void connect(plastic_run *r, int64_t k)
{
    for (int g = 0; g < 2; g++) {
        const int64_t sources = r->network.group[g].neurons, targets = r->network.group[1 - g].neurons;
        int64_t *const begin = r->outward[g] + k * (sources + 1), found = 0;
        int32_t *const target = r->target[g] + k * r->network.capacity[g];
        for (int64_t i = 0; i < sources; i++) {
            for (int64_t j = 0; j < targets; j++)
                if ((i + j + k) % 2)
                    target[found++] = (int32_t)j;
            begin[i + 1] = found;
        }
    }
    const int64_t targets = r->network.group[1].neurons, *const begin = r->outward[0] + k * (r->network.group[0].neurons + 1);
    int64_t at = 0;
    for (int64_t j = 0; j < targets; j++) {
        for (int64_t i = 0; i < r->network.group[0].neurons; i++)
            for (int64_t s = begin[i]; s < begin[i + 1]; s++)
                if (r->target[0][k * r->network.capacity[0] + s] == j) {
                    r->source[k * r->network.capacity[0] + at] = (int32_t)i;
                    r->synapse[k * r->network.capacity[0] + at++] = (int32_t)s;
                }
        r->inward[k * (targets + 1) + j + 1] = at;
    }
}

static plastic_run *new_plastic_run(int64_t networks, int64_t excitatory, int64_t inhibitory, int64_t window)
{
    plastic_run *const r = zeros(1, sizeof *r);
    const int64_t neurons[] = {excitatory, inhibitory}, lanes = rldbs_lanes(), pairs = excitatory * inhibitory;
    uint64_t seed = 5;
    r->networks = networks;
    r->network = (rldbs_plastic){
        .dt = 0.1, .delay = DELAY, .fixed = 20, .depression = -0.275, .potentiation = 0.25, .least = 0.1, .most = 2.0,
        .contacts = CONTACTS, .capacity = {pairs, pairs},
        .window = window, .kept = window ? 1 : 0};
    for (int g = 0; g < 2; g++) {
        const int64_t stride = (neurons[g] + lanes - 1) / lanes * lanes;
        r->network.group[g] = (rldbs_firing){
            .neurons = neurons[g], .stride = stride, .gain = 0.2, .drive = 22.0, .noise = 3.0, .tau = 10.0, .threshold = 20.0,
            .reset = 14.0, .floor = 0.0, .refractory = 20.0, .trace_time = 20.0 + 2.0 * g, .trace_step = 0.05};
        r->all_rows += stride;
        r->outward[g] = zeros(networks * (neurons[g] + 1), sizeof **r->outward);
        r->target[g] = zeros(networks * pairs, sizeof **r->target);
    }
    r->network.reach = r->reach = random_rows(CONTACTS, r->all_rows, r->all_rows, 1.0, &seed);
    r->inward = zeros(networks * (inhibitory + 1), sizeof *r->inward);
    r->source = zeros(networks * pairs, sizeof *r->source), r->synapse = zeros(networks * pairs, sizeof *r->synapse);
    r->keys = zeros(networks, sizeof *r->keys), r->clocks = zeros(networks, sizeof *r->clocks);
    r->size = rldbs_plastic_size(&r->network);
    r->state = zeros(networks * r->size, sizeof *r->state);
    for (int64_t k = 0; k < networks; k++) {
        connect(r, k);
        r->keys[k] = 77 + (uint64_t)k;
        for (int64_t s = 0; s < pairs; s++)
            r->state[k * r->size + (5 + DELAY) * r->all_rows + s] = 1.0;
    }
    r->applied = random_rows(networks, r->all_rows, r->all_rows, 1.0, &seed);
    r->currents = random_rows(networks, STEPS * CONTACTS, STEPS * CONTACTS, 20.0, &seed);
    r->means = zeros(networks * STEPS * 2, sizeof *r->means), r->weight = zeros(networks, sizeof *r->weight);
    r->spread = zeros(networks * 2 * r->all_rows, sizeof *r->spread);
    r->told = zeros(networks * STEPS * 2, sizeof *r->told);
    r->spikes = zeros(networks * CAPACITY * 2, sizeof *r->spikes), r->counts = zeros(networks, sizeof *r->counts);
    return r;
}

static void free_plastic_run(plastic_run *r)
{
    void *const all[] = {r->outward[0], r->outward[1], r->target[0], r->target[1], r->inward, r->source, r->synapse,
                         r->keys, r->clocks, r->reach, r->state, r->applied, r->currents, r->means, r->spread, r->weight, r->told,
                         r->spikes, r->counts, r};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

static void advance_plastic(plastic_run *r, int variant, int threads)
{
    const int64_t size = rldbs_plastic_scratch_size(&r->network, r->networks, threads);
    double *const scratch = doubles(size);
    const int64_t *const outward[] = {r->outward[0], r->outward[1]};
    const int32_t *const target[] = {r->target[0], r->target[1]};
    for (int64_t i = 0; i < size; i++)
        scratch[i] = NAN;
    rldbs_plastic_advance(
        &r->network, variant, threads, r->networks, STEPS, (const int64_t **)outward, (const int32_t **)target, r->inward,
        r->source, r->synapse, r->keys, r->clocks, r->state, r->applied, r->currents, r->means, r->network.window ? 0 : r->spread, r->weight,
        r->network.window ? r->told : 0, r->spikes, CAPACITY, r->counts, scratch);
    free(scratch);
}

static int same(const plastic_run *a, const plastic_run *b)
{
    const int64_t n = a->networks;
    return memcmp(a->state, b->state, (size_t)(n * a->size) * sizeof(double)) == 0 &&
           memcmp(a->means, b->means, (size_t)(n * STEPS * 2) * sizeof(double)) == 0 &&
           memcmp(a->spread, b->spread, (size_t)(n * 2 * a->all_rows) * sizeof(double)) == 0 &&
           memcmp(a->weight, b->weight, (size_t)n * sizeof(double)) == 0 &&
           memcmp(a->told, b->told, (size_t)(n * STEPS * 2) * sizeof(double)) == 0 &&
           memcmp(a->spikes, b->spikes, (size_t)(n * CAPACITY * 2) * sizeof(int32_t)) == 0 &&
           memcmp(a->counts, b->counts, (size_t)n * sizeof(int64_t)) == 0;
}

static int check_plastic(int64_t networks, int64_t excitatory, int64_t inhibitory, int64_t window, int *runs)
{
    static const int team[] = {1, 2, 7};
    int wrong = 0;
    plastic_run *const first = new_plastic_run(networks, excitatory, inhibitory, window);
    advance_plastic(first, 0, 1);
    for (int64_t k = 0; k < networks; k++)
        if (first->counts[k] < excitatory) {
            printf("%lld and %lld neurons: they do not fire\n", (long long)excitatory, (long long)inhibitory);
            wrong++;
        }
    for (int variant = 0; variant < rldbs_variant_count(); variant++)
        for (int t = 0; rldbs_variant_supported(variant) && t < 3; t++, ++*runs) {
            plastic_run *const r = new_plastic_run(networks, excitatory, inhibitory, window);
            advance_plastic(r, variant, team[t]);
            if (!same(r, first)) {
                printf("%lld networks of %lld and %lld neurons, %s, %d threads: other bits\n", (long long)networks,
                       (long long)excitatory, (long long)inhibitory, rldbs_variant_name(variant), team[t]);
                wrong++;
            }
            free_plastic_run(r);
        }
    free_plastic_run(first);
    return wrong;
}

int check_plastics(int *runs)
{
    static const int64_t neurons[][2] = {{1, 1}, {7, 3}, {8, 8}, {33, 9}, {160, 40}};
    int wrong = 0;
    for (size_t i = 0; i < sizeof neurons / sizeof *neurons; i++)
        for (int64_t networks = 1; networks <= 3; networks += 2)
            for (int64_t window = 0; window <= WINDOW; window += WINDOW)
                wrong += check_plastic(networks, neurons[i][0], neurons[i][1], window, runs);
    return wrong;
}

int write_plastic(const char *variant_name)
{
    plastic_run *const r = new_plastic_run(3, 160, 40, WINDOW);
    advance_plastic(r, supported(variant_name), 1);
    fwrite(r->state, sizeof(double), (size_t)(r->networks * r->size), stdout);
    fwrite(r->means, sizeof(double), (size_t)(r->networks * STEPS * 2), stdout);
    fwrite(r->spikes, sizeof(int32_t), (size_t)(r->networks * CAPACITY * 2), stdout);
    free_plastic_run(r);
    return ferror(stdout) || fflush(stdout) ? 2 : 0;
}
