/* The driver's networks of cells: one group of each kind of cell, everyone connected to everyone. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rldbs.h"
#include "driver.h"

enum { GROUPS = 4, PROJECTIONS = GROUPS, SOURCES = 2, CONTACTS = 2, CHANNELS = 3, STEPS = 24, EVERY = 2, CAPACITY = 64 };

typedef struct {
    rldbs_network network;
    int64_t networks, size, all_cells;
    int32_t cell[GROUPS], cells[GROUPS], first_parameter[GROUPS];
    int32_t from[PROJECTIONS], row[PROJECTIONS], to[PROJECTIONS], input[PROJECTIONS];
    int32_t sources[PROJECTIONS], group[CHANNELS], variable[CHANNELS], *source, *spikes;
    double weight[PROJECTIONS], *reach, *recording, *state, *applied, *currents, *samples;
    int64_t *counts;
} network_run;

static double *random_doubles(int64_t count, double middle, double spread, uint64_t *seed)
{
    double *const memory = doubles(count);
    for (int64_t i = 0; i < count; i++)
        memory[i] = middle + spread * uniform(seed);
    return memory;
}

static void *zeros(int64_t count, size_t size)
{
    void *const memory = doubles((count * (int64_t)size + 7) / 8);
    memset(memory, 0, (size_t)count * size);
    return memory;
}

static network_run *new_network_run(int64_t networks, int cells, int integrator)
{
    network_run *const r = zeros(1, sizeof *r);
    uint64_t seed = 11;
    r->networks = networks;
    r->source = zeros(PROJECTIONS * SOURCES * cells, sizeof *r->source);
    for (int g = 0; g < GROUPS; g++) {
        r->cell[g] = g % rldbs_cell_count(), r->cells[g] = cells;
        r->from[g] = g, r->to[g] = (g + 1) % GROUPS, r->sources[g] = SOURCES, r->weight[g] = 0.01;
        r->row[g] = 1, r->input[g] = 1;
        for (int k = 0; k < SOURCES * cells; k++)
            r->source[g * SOURCES * cells + k] = (k + g) % cells;
    }
    for (int q = 0; q < CHANNELS; q++)
        r->group[q] = q, r->variable[q] = q;
    r->all_cells = GROUPS * cells;
    r->reach = random_doubles(CONTACTS * r->all_cells, 0.5, 0.5, &seed);
    r->recording = random_doubles(CHANNELS * r->all_cells, 0.0, 1.0, &seed);
    r->network = (rldbs_network){
        .groups = GROUPS, .projections = PROJECTIONS, .contacts = CONTACTS, .channels = CHANNELS, .cell = r->cell,
        .cells = r->cells, .first_parameter = r->first_parameter, .parameters = r->weight, .from = r->from,
        .row = r->row, .to = r->to, .input = r->input, .sources = r->sources,
        .weight = r->weight, .source = r->source, .reach = r->reach, .channel_group = r->group,
        .channel_row = r->variable, .recording = r->recording, .integrator = integrator, .dt = 0.01};
    r->size = rldbs_network_size(&r->network);
    r->state = random_doubles(networks * r->size, 0.5, 0.4, &seed);
    for (int64_t k = 0; k < networks; k++)
        for (int64_t g = 0, at = k * r->size; g < GROUPS; at += rldbs_cell_variables(r->cell[g++]) * cells)
            for (int c = 0; c < cells; c++)
                r->state[at + c] = -50.0 + 30.0 * uniform(&seed);
    r->applied = random_doubles(networks * r->all_cells, 20.0, 10.0, &seed);
    r->currents = random_doubles(networks * STEPS * CONTACTS, 0.0, 500.0, &seed);
    r->samples = doubles(networks * (STEPS / EVERY) * CHANNELS);
    r->spikes = zeros(networks * CAPACITY * 2, sizeof *r->spikes);
    r->counts = zeros(networks, sizeof *r->counts);
    return r;
}

static void free_network_run(network_run *r)
{
    void *const all[] = {r->source, r->reach, r->recording, r->state, r->applied, r->currents,
                         r->samples, r->spikes, r->counts, r};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

static void advance_network(network_run *r, int variant, int threads)
{
    const int64_t size = rldbs_network_scratch_size(&r->network, r->networks, threads);
    double *const scratch = doubles(size);
    for (int64_t i = 0; i < size; i++)
        scratch[i] = NAN;
    rldbs_network_advance(
        &r->network, variant, threads, r->networks, STEPS, EVERY, r->state, r->applied, r->currents, r->samples, r->spikes,
        CAPACITY, r->counts, scratch);
    free(scratch);
}

static int same(const network_run *a, const network_run *b)
{
    const int64_t n = a->networks;
    return memcmp(a->state, b->state, (size_t)(n * a->size) * sizeof(double)) == 0 &&
           memcmp(a->samples, b->samples, (size_t)(n * (STEPS / EVERY) * CHANNELS) * sizeof(double)) == 0 &&
           memcmp(a->spikes, b->spikes, (size_t)(n * CAPACITY * 2) * sizeof(int32_t)) == 0 &&
           memcmp(a->counts, b->counts, (size_t)n * sizeof(int64_t)) == 0;
}

static int check_network(int64_t networks, int cells, int integrator, int *runs)
{
    static const int team[] = {1, 2, 7};
    int wrong = 0;
    network_run *const first = new_network_run(networks, cells, integrator);
    advance_network(first, 0, 1);
    int64_t spikes = 0, diverged = 0;
    for (int64_t k = 0; k < networks; k++)
        spikes += first->counts[k], diverged += first->counts[k] < 0;
    if (diverged || spikes < cells) {
        printf("%lld networks of %d cells: one has diverged, or they do not fire\n", (long long)networks, cells);
        wrong++;
    }
    for (int variant = 0; variant < rldbs_variant_count(); variant++)
        for (int t = 0; rldbs_variant_supported(variant) && t < 3; t++, ++*runs) {
            network_run *const r = new_network_run(networks, cells, integrator);
            advance_network(r, variant, team[t]);
            if (!same(r, first)) {
                printf("%lld networks of %d cells, %s, %d threads: other bits\n", (long long)networks, cells,
                       rldbs_variant_name(variant), team[t]);
                wrong++;
            }
            free_network_run(r);
        }
    free_network_run(first);
    return wrong;
}

int check_networks(int *runs)
{
    static const int64_t networks[] = {1, 3, 8, 9};
    static const int cells[] = {1, 7, 10};
    int wrong = 0;
    for (size_t n = 0; n < sizeof networks / sizeof *networks; n++)
        for (size_t c = 0; c < sizeof cells / sizeof *cells; c++)
            for (int integrator = RLDBS_EULER; integrator <= RLDBS_RK4; integrator++)
                wrong += check_network(networks[n], cells[c], integrator, runs);
    return wrong;
}

int write_network(const char *variant_name)
{
    network_run *const r = new_network_run(9, 10, RLDBS_RK4);
    advance_network(r, supported(variant_name), 1);
    fwrite(r->state, sizeof(double), (size_t)(r->networks * r->size), stdout);
    fwrite(r->samples, sizeof(double), (size_t)(r->networks * (STEPS / EVERY) * CHANNELS), stdout);
    fwrite(r->spikes, sizeof(int32_t), (size_t)(r->networks * CAPACITY * 2), stdout);
    free_network_run(r);
    return ferror(stdout) || fflush(stdout) ? 2 : 0;
}
