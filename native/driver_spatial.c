/* The driver's runs of neurons in tissue. All memory is exactly as large as rldbs.h asks for. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rldbs.h"
#include "driver.h"

enum { POPULATIONS = 3, CONTACTS = 2, SITES = 2, MOST_DENSE = 257 };

typedef struct {
    rldbs_spatial tissue;
    int64_t steps, columns;
    double *arrays[10], *kicks, *mean, *state, *out, *mixing;
} spatial_run;

/* V in groups of lanes, or the room for W·V'. */
static double *groups(int64_t rows, int64_t padded, int64_t used, uint64_t *seed)
{
    double *const memory = doubles(rows * padded);
    const int lanes = rldbs_lanes();
    for (int64_t i = 0; i < rows * padded; i++)
        memory[i] = i / (rows * lanes) * lanes + i % lanes < used ? uniform(seed) : 0.0;
    return memory;
}

/* With 0 modes each neuron has a mode of its own; with an odd number of them each population has contacts of its own. */
static spatial_run new_run(int model, int64_t neurons, int64_t modes, int64_t steps)
{
    const int64_t rows = modes > 0 ? modes : neurons;
    const int64_t lanes = rldbs_lanes(), stride = (neurons + lanes - 1) / lanes * lanes;
    const int64_t own = modes % 2 ? POPULATIONS : 1;
    const int variables = rldbs_model_variables(model), parameters = rldbs_model_parameters(model);
    uint64_t seed = 11;
    spatial_run r = {.steps = steps, .columns = variables + SITES};
    r.state = random_rows(POPULATIONS * variables, neurons, stride, 1.0, &seed);
    r.out = modes > 0 ? groups(rows, stride, neurons, &seed) : NULL;
    r.mixing = modes > 0 ? groups(rows, (rows + lanes - 1) / lanes * lanes, 0, &seed) : NULL;
    r.kicks = random_rows(1, POPULATIONS * steps * CONTACTS, POPULATIONS * steps * CONTACTS, 0.1, &seed);
    r.mean = doubles(POPULATIONS * steps * r.columns);
    double *const arrays[10] = {
        random_rows(1, parameters, parameters, 0.5, &seed), random_rows(POPULATIONS, neurons, stride, 1.0, &seed),
        random_rows(1, POPULATIONS, POPULATIONS, 0.5, &seed),
        random_rows(rows, neurons, stride, 1.0 / (double)neurons, &seed),
        random_rows(own * CONTACTS, neurons, stride, 1.0, &seed), random_rows(SITES, neurons, stride, 1.0, &seed),
        r.state, r.out, r.mixing, r.kicks};
    memcpy(r.arrays, arrays, sizeof arrays);
    r.tissue = (rldbs_spatial){
        .model = model, .populations = POPULATIONS, .neurons = neurons, .stride = stride, .dt = 0.05, .modes = rows,
        .contacts = CONTACTS, .sites = SITES, .parameters = arrays[0], .state = r.state, .current = arrays[1],
        .coupling = arrays[2], .weights_in = arrays[3], .weights_out = r.out, .mixing = r.mixing,
        .conductance = arrays[4], .conductance_stride = modes % 2 ? CONTACTS * stride : 0, .recording = arrays[5]};
    return r;
}

static void free_run(spatial_run *r)
{
    for (size_t i = 0; i < sizeof r->arrays / sizeof *r->arrays; i++)
        free(r->arrays[i]);
    free(r->mean);
}

static double *scratch_for(const spatial_run *r, int threads)
{
    const int64_t size = rldbs_spatial_scratch_size(&r->tissue, threads);
    double *const scratch = doubles(size);
    for (int64_t i = 0; i < size; i++)
        scratch[i] = NAN;
    return scratch;
}

/* Steps [begin, end), their kicks in memory of their own. */
static void advance(spatial_run *r, int variant, int threads, int64_t begin, int64_t end)
{
    const int64_t steps = end - begin, row = steps * CONTACTS;
    double *const kicks = doubles(POPULATIONS * row), *const scratch = scratch_for(r, threads);
    for (int64_t p = 0; p < POPULATIONS; p++)
        for (int64_t i = 0; i < row; i++)
            kicks[p * row + i] = r->kicks[(p * r->steps + begin) * CONTACTS + i];
    rldbs_spatial_advance(&r->tissue, variant, threads, steps, kicks, r->mean + begin * r->columns, r->steps * r->columns,
                          r->columns, 1, scratch);
    free(kicks);
    free(scratch);
}

static spatial_run finished(
    int model, int64_t neurons, int64_t modes, int64_t steps, int64_t pause, int variant, int threads)
{
    spatial_run r = new_run(model, neurons, modes, steps);
    if (modes > 0) {
        double *const scratch = scratch_for(&r, 1);
        rldbs_spatial_mixing(&r.tissue, variant, r.mixing, scratch);
        free(scratch);
    }
    advance(&r, variant, threads, 0, pause);
    advance(&r, variant, threads, pause, steps);
    return r;
}

static int same(const spatial_run *a, const spatial_run *b)
{
    const size_t state = (size_t)(POPULATIONS * (a->columns - SITES) * a->tissue.stride) * sizeof(double);
    const size_t mean = (size_t)(POPULATIONS * a->steps * a->columns) * sizeof(double);
    return memcmp(a->state, b->state, state) == 0 && memcmp(a->mean, b->mean, mean) == 0;
}

static int wrong_padding(const spatial_run *r)
{
    int wrong = 0;
    for (int64_t row = 0; row < POPULATIONS * (r->columns - SITES); row++)
        for (int64_t i = r->tissue.neurons; i < r->tissue.stride; i++)
            wrong |= r->state[row * r->tissue.stride + i] != 0.0;
    return wrong;
}

static int check_one(int model, int64_t neurons, int64_t modes, int64_t steps, int *runs)
{
    static const int team[] = {1, 2, 7};
    int wrong = 0;
    spatial_run first = finished(model, neurons, modes, steps, steps, 0, 1);
    for (int variant = 0; variant < rldbs_variant_count(); variant++)
        for (int t = 0; rldbs_variant_supported(variant) && t < 3; t++, ++*runs) {
            spatial_run r = finished(model, neurons, modes, steps, t % 2 ? steps : steps / 2, variant, team[t]);
            if (!same(&r, &first) || wrong_padding(&r)) {
                printf("%s in tissue: %lld neurons, %lld modes, %s, %d threads: other bits\n", rldbs_model_name(model),
                       (long long)neurons, (long long)modes, rldbs_variant_name(variant), team[t]);
                wrong++;
            }
            free_run(&r);
        }
    free_run(&first);
    return wrong;
}

int check_spatial(int *runs)
{
    static const int64_t neurons[] = {1, 9, 256, 257, 1025}, modes[] = {0, 1, 3, 24};
    int wrong = 0;
    for (int model = 0; model < rldbs_model_count(); model++)
        for (size_t n = 0; n < sizeof neurons / sizeof *neurons; n++)
            for (size_t m = 0; m < sizeof modes / sizeof *modes; m++)
                if (modes[m] > 0 || neurons[n] <= MOST_DENSE) {
                    wrong += check_one(model, neurons[n], modes[m], 5, runs);
                    wrong += check_one(model, neurons[n], modes[m], 0, runs);
                }
    return wrong;
}

int write_spatial(const char *variant_name)
{
    const int variant = supported(variant_name);
    for (int model = 0; model < rldbs_model_count(); model++) {
        spatial_run r = finished(model, 257, 24, 50, 50, variant, 1);
        fwrite(r.state, sizeof(double), (size_t)(POPULATIONS * (r.columns - SITES) * r.tissue.stride), stdout);
        fwrite(r.mean, sizeof(double), (size_t)(POPULATIONS * r.steps * r.columns), stdout);
        free_run(&r);
    }
    return ferror(stdout) || fflush(stdout) ? 2 : 0;
}
