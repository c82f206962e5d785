/* Runs the core without Python: for sanitizers, other compilers and other processors.
 *
 *   driver check            every model, size, variant and number of threads gives the same bits
 *   driver variants         names the kernel variants that this processor supports
 *   driver run VARIANT      reads a run from standard input, writes its state and its mean field
 *   driver phases VARIANT   writes state and mean field of a run of phase oscillators that is the same everywhere
 *   driver spatial VARIANT  likewise of neurons in tissue, of every model
 *   driver network VARIANT  writes states, samples and spikes of a run of networks of cells, likewise
 *   driver plastic VARIANT  writes states, means and spikes of a run of networks with plastic synapses, likewise
 *   driver rates VARIANT    writes states and rates of a run of rate models with delays, likewise
 *
 * A run is the model's name in 16 bytes, populations, neurons and steps as int64, then as doubles dt, the parameters,
 * coupling (populations), current (populations, neurons), state (populations, variables, neurons) and kicks
 * (populations, steps). All memory is exactly as large as rldbs.h asks for, so that a sanitizer sees one step too far. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rldbs.h"
#include "driver.h"

typedef struct {
    int model, variables, parameters;
    int64_t populations, neurons, stride, steps;
    double dt, *constants, *coupling, *current, *state, *kicks, *mean;
} run;

double *doubles(int64_t count)
{
    double *const memory = malloc((size_t)count * sizeof *memory);
    if (memory == NULL && count > 0) {
        fprintf(stderr, "no memory for %lld doubles\n", (long long)count);
        exit(2);
    }
    return memory;
}

/* Padded sizes; the contents are set by the caller. */
static run new_run(int model, int64_t populations, int64_t neurons, int64_t steps)
{
    run r = {.model = model, .populations = populations, .neurons = neurons, .steps = steps};
    r.variables = rldbs_model_variables(model);
    r.parameters = rldbs_model_parameters(model);
    r.stride = (neurons + rldbs_lanes() - 1) / rldbs_lanes() * rldbs_lanes();
    r.constants = doubles(r.parameters);
    r.coupling = doubles(populations);
    r.current = doubles(populations * r.stride);
    r.state = doubles(populations * r.variables * r.stride);
    r.kicks = doubles(populations * steps);
    r.mean = doubles(populations * steps * r.variables);
    memset(r.current, 0, (size_t)(populations * r.stride) * sizeof(double));
    memset(r.state, 0, (size_t)(populations * r.variables * r.stride) * sizeof(double));
    return r;
}

static void free_run(run *r)
{
    free(r->constants);
    free(r->coupling);
    free(r->current);
    free(r->state);
    free(r->kicks);
    free(r->mean);
}

/* Steps [begin, end) of a run, its kicks in memory of their own. */
static void advance(run *r, int variant, int threads, int64_t begin, int64_t end)
{
    const int64_t steps = end - begin, size = rldbs_scratch_size(r->model, r->populations, r->neurons, threads);
    double *const kicks = doubles(r->populations * steps), *const scratch = doubles(size);
    for (int64_t i = 0; i < size; i++)
        scratch[i] = NAN;
    for (int64_t p = 0; p < r->populations; p++)
        for (int64_t s = 0; s < steps; s++)
            kicks[p * steps + s] = r->kicks[p * r->steps + begin + s];
    rldbs_advance(r->model, variant, threads, r->populations, r->neurons, r->stride, steps, r->dt, r->constants, r->state,
                  r->current, r->coupling, kicks, r->mean + begin * r->variables, r->steps * r->variables, r->variables, 1,
                  scratch);
    free(kicks);
    free(scratch);
}

double uniform(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(int64_t)(*seed >> 11) / 4503599627370496.0 - 1.0;
}

static run random_run(int model, int64_t populations, int64_t neurons, int64_t steps)
{
    run r = new_run(model, populations, neurons, steps);
    uint64_t seed = 1;
    r.dt = 0.05;
    for (int i = 0; i < r.parameters; i++)
        r.constants[i] = 0.5 * uniform(&seed);
    for (int64_t p = 0; p < populations; p++) {
        r.coupling[p] = 0.1 * uniform(&seed);
        for (int64_t i = 0; i < neurons; i++)
            r.current[p * r.stride + i] = uniform(&seed);
        for (int v = 0; v < r.variables; v++)
            for (int64_t i = 0; i < neurons; i++)
                r.state[(p * r.variables + v) * r.stride + i] = uniform(&seed);
        for (int64_t s = 0; s < steps; s++)
            r.kicks[p * steps + s] = 0.1 * uniform(&seed);
    }
    return r;
}

static int same(const run *a, const run *b)
{
    const size_t state = (size_t)(a->populations * a->variables * a->stride) * sizeof(double);
    const size_t mean = (size_t)(a->populations * a->steps * a->variables) * sizeof(double);
    return memcmp(a->state, b->state, state) == 0 && memcmp(a->mean, b->mean, mean) == 0;
}

static int wrong_padding(const run *r)
{
    int wrong = 0;
    for (int64_t row = 0; row < r->populations * r->variables; row++)
        for (int64_t i = r->neurons; i < r->stride; i++)
            wrong |= r->state[row * r->stride + i] != 0.0;
    return wrong;
}

/* One run in every variant, with several threads, whole and split, against its first form. Returns what differs. */
static int check_run(int model, int64_t populations, int64_t neurons, int64_t steps, int *runs)
{
    static const int team[] = {1, 2, 3, 7};
    int wrong = 0;
    run first = random_run(model, populations, neurons, steps);
    advance(&first, 0, 1, 0, steps);
    for (int variant = 0; variant < rldbs_variant_count(); variant++)
        for (int t = 0; rldbs_variant_supported(variant) && t < 4; t++)
            for (int split = 0; split < 2; split++, ++*runs) {
                run r = random_run(model, populations, neurons, steps);
                const int64_t pause = split ? steps / 3 : steps;
                advance(&r, variant, team[t], 0, pause);
                advance(&r, variant, team[t], pause, pause);
                advance(&r, variant, team[t], pause, steps);
                if (!same(&r, &first) || wrong_padding(&r)) {
                    printf("%s: %lld populations of %lld neurons, %s, %d threads, %s: other bits\n",
                           rldbs_model_name(model), (long long)populations, (long long)neurons,
                           rldbs_variant_name(variant), team[t], split ? "split" : "whole");
                    wrong++;
                }
                free_run(&r);
            }
    free_run(&first);
    return wrong;
}

/* Phase oscillators with every kind of coupling, response and noise. Without modes each meets each, folded along one axis or
 * more, or as it comes. With an odd number of modes each population has contacts of its own. */
typedef struct {
    rldbs_tissue tissue;
    int64_t populations, steps;
    double *rows, *own, *contacts, *kicks, *state, *frequency, *coupling, *mean;
    int64_t axes[9];
    uint64_t seeds[3], clocks[3];
} phase_run;

enum { ONCE = -1, TWICE = -2, THRICE = -3 }; /* folded so often */
enum { PHASE_POPULATIONS = 3, PHASE_STEPS = 50, CONTACTS = 2, SITES = 2, HARMONICS = 3 };

double *random_rows(int64_t rows, int64_t neurons, int64_t stride, double bound, uint64_t *seed)
{
    double *const memory = doubles(rows * stride);
    for (int64_t i = 0; i < rows * stride; i++)
        memory[i] = i % stride < neurons ? bound * uniform(seed) : 0.0;
    return memory;
}

/* The smallest divisor above 1, or 1. */
static int64_t least_side(int64_t neurons)
{
    for (int64_t side = 2; side < neurons; side++)
        if (neurons % side == 0)
            return side;
    return neurons;
}

static phase_run new_phase_run(int64_t neurons, int64_t modes, int response)
{
    static double cosines[HARMONICS + 1] = {1.0, -0.5, 0.25, 0.1}, sines[HARMONICS + 1] = {0.0, 0.3, -0.2, 0.1};
    const int64_t lanes = rldbs_lanes(), stride = (neurons + lanes - 1) / lanes * lanes;
    uint64_t seed = 7, other_seed = 8;
    phase_run r = {.populations = PHASE_POPULATIONS, .steps = PHASE_STEPS, .seeds = {1, 2, 3}};
    const int64_t folds = modes < 0 ? -modes : 0;
    int64_t part = neurons;
    for (int64_t f = 0, before = 1, left = neurons; f < folds; f++) {
        const int64_t across = f + 1 < folds ? least_side(left) : left;
        left /= across;
        const int64_t axis[3] = {before, across, left};
        memcpy(r.axes + 3 * f, axis, sizeof axis);
        before *= (across + 1) / 2;
        part = before * left;
    }
    const int64_t padded = (part + lanes - 1) / lanes * lanes;
    r.tissue = (rldbs_tissue){
        .neurons = neurons, .stride = stride, .modes = modes > 0 ? modes : neurons, .folds = folds, .contacts = CONTACTS,
        .sites = SITES, .response = response, .harmonics = HARMONICS, .cosines = cosines, .sines = sines, .dt = 0.05,
        .noise = 0.01, .rate_unit = 2.0};
    r.rows = modes > 0 ? random_rows(modes, neurons, stride, 1.0 / (double)neurons, &seed)
                       : random_rows(part << folds, padded, padded, 1.0 / (double)neurons, &seed);
    r.own = random_rows(r.tissue.modes + CONTACTS + SITES, neurons, stride, 1.0, &seed);
    r.tissue.weights_in = r.rows;
    r.tissue.weights_out = modes > 0 ? r.own : NULL;
    r.tissue.conductance = r.own + r.tissue.modes * stride;
    r.tissue.recording = r.tissue.conductance + CONTACTS * stride;
    r.contacts = random_rows(PHASE_POPULATIONS * CONTACTS, neurons, stride, 1.0, &other_seed);
    if (modes % 2) {
        r.tissue.conductance = r.contacts;
        r.tissue.conductance_stride = CONTACTS * stride;
    }
    r.state = random_rows(r.populations * RLDBS_PHASE_ROWS, neurons, stride, 3.0, &seed);
    r.frequency = random_rows(r.populations, neurons, stride, 1.0, &seed);
    r.coupling = random_rows(1, r.populations, r.populations, 2.0, &seed);
    r.kicks = random_rows(1, r.populations * PHASE_STEPS * CONTACTS, r.populations * PHASE_STEPS * CONTACTS, 5.0, &seed);
    memset(r.kicks, 0, 20 * sizeof *r.kicks);
    r.mean = doubles(r.populations * PHASE_STEPS * (2 * SITES + 1));
    return r;
}

static void free_phase_run(phase_run *r)
{
    double *const all[] = {r->rows, r->own, r->contacts, r->kicks, r->state, r->frequency, r->coupling, r->mean};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

static void advance_phases(phase_run *r, int variant, int threads)
{
    r->tissue.axes = r->axes;
    const int64_t size = rldbs_phase_scratch_size(&r->tissue, r->populations, threads), columns = 2 * SITES + 1;
    double *const scratch = doubles(size);
    for (int64_t i = 0; i < size; i++)
        scratch[i] = NAN;
    rldbs_phase_advance(
        &r->tissue, variant, threads, r->populations, r->steps, r->state, r->frequency, r->coupling, r->kicks, r->seeds,
        r->clocks, r->mean, r->steps * columns, columns, 1, scratch);
    free(scratch);
}

static int same_phases(const phase_run *a, const phase_run *b)
{
    const size_t state = (size_t)(a->populations * RLDBS_PHASE_ROWS * a->tissue.stride) * sizeof(double);
    const size_t mean = (size_t)(a->populations * a->steps * (2 * SITES + 1)) * sizeof(double);
    return memcmp(a->state, b->state, state) == 0 && memcmp(a->mean, b->mean, mean) == 0;
}

static int check_phases(int64_t neurons, int64_t modes, int response, int *runs)
{
    static const int team[] = {1, 2, 7};
    int wrong = 0;
    phase_run first = new_phase_run(neurons, modes, response);
    advance_phases(&first, 0, 1);
    for (int variant = 0; variant < rldbs_variant_count(); variant++)
        for (int t = 0; rldbs_variant_supported(variant) && t < 3; t++, ++*runs) {
            phase_run r = new_phase_run(neurons, modes, response);
            advance_phases(&r, variant, team[t]);
            if (!same_phases(&r, &first)) {
                printf("%lld oscillators, %lld modes, %s, %d threads: other bits\n", (long long)neurons,
                       (long long)modes, rldbs_variant_name(variant), team[t]);
                wrong++;
            }
            free_phase_run(&r);
        }
    free_phase_run(&first);
    return wrong;
}

static int check(void)
{
    static const int64_t oscillators[] = {1, 9, 255, 257, 512}, modes[] = {THRICE, TWICE, ONCE, 0, 1, 3, 24};
    static const int64_t neurons[] = {1, 7, 8, 9, 255, 257, 1023, 1024, 1025, 5000, 32768, 33001}, populations[] = {1, 2, 5};
    int runs = 0, wrong = 0;
    for (int model = 0; model < rldbs_model_count(); model++)
        for (size_t n = 0; n < sizeof neurons / sizeof *neurons; n++)
            for (size_t p = 0; p < sizeof populations / sizeof *populations; p++) {
                wrong += check_run(model, populations[p], neurons[n], 7, &runs);
                wrong += check_run(model, populations[p], neurons[n], 0, &runs);
            }
    for (size_t n = 0; n < sizeof oscillators / sizeof *oscillators; n++)
        for (size_t m = 0; m < sizeof modes / sizeof *modes; m++)
            wrong += check_phases(oscillators[n], modes[m], (int)(modes[m] % 2 ? RLDBS_GAUSSIAN : RLDBS_FOURIER), &runs);
    wrong += check_spatial(&runs);
    wrong += check_networks(&runs);
    wrong += check_plastics(&runs);
    wrong += check_rates(&runs);
    printf("%d runs of %d models, of phase oscillators, of neurons in tissue, of cells, of plastic synapses and of rates, "
           "%d with other bits\n",
           runs, rldbs_model_count(), wrong);
    return wrong > 0;
}

static int named(const char *name, int count, const char *(*name_of)(int))
{
    for (int i = 0; i < count; i++)
        if (strcmp(name, name_of(i)) == 0)
            return i;
    fprintf(stderr, "there is no %s\n", name);
    exit(2);
}

int supported(const char *variant_name)
{
    const int variant = named(variant_name, rldbs_variant_count(), rldbs_variant_name);
    if (!rldbs_variant_supported(variant)) {
        fprintf(stderr, "this processor does not run %s\n", variant_name);
        exit(2);
    }
    return variant;
}

static int write_phases(const char *variant_name)
{
    static const int64_t neurons[] = {257, 257, 255}, modes[] = {24, 0, THRICE};
    for (int k = 0; k < 3; k++) {
        phase_run r = new_phase_run(neurons[k], modes[k], RLDBS_FOURIER);
        advance_phases(&r, supported(variant_name), 1);
        fwrite(r.state, sizeof(double), (size_t)(r.populations * RLDBS_PHASE_ROWS * r.tissue.stride), stdout);
        fwrite(r.mean, sizeof(double), (size_t)(r.populations * r.steps * (2 * SITES + 1)), stdout);
        free_phase_run(&r);
    }
    return ferror(stdout) || fflush(stdout) ? 2 : 0;
}

static void read_exactly(void *to, size_t size)
{
    if (fread(to, 1, size, stdin) != size) {
        fprintf(stderr, "the run is too short\n");
        exit(2);
    }
}

/* Rows between the file, where they are as long as there are neurons, and memory, where they are padded. */
static void read_rows(double *to, int64_t rows, const run *r)
{
    for (int64_t row = 0; row < rows; row++)
        read_exactly(to + row * r->stride, (size_t)r->neurons * sizeof *to);
}

static int run_from_input(const char *variant_name)
{
    const int variant = supported(variant_name);
    char name[17] = "";
    int64_t size[3];
    read_exactly(name, 16);
    read_exactly(size, sizeof size);
    run r = new_run(named(name, rldbs_model_count(), rldbs_model_name), size[0], size[1], size[2]);
    read_exactly(&r.dt, sizeof r.dt);
    read_exactly(r.constants, (size_t)r.parameters * sizeof(double));
    read_exactly(r.coupling, (size_t)r.populations * sizeof(double));
    read_rows(r.current, r.populations, &r);
    read_rows(r.state, r.populations * r.variables, &r);
    read_exactly(r.kicks, (size_t)(r.populations * r.steps) * sizeof(double));
    advance(&r, variant, 1, 0, r.steps);
    for (int64_t row = 0; row < r.populations * r.variables; row++)
        fwrite(r.state + row * r.stride, sizeof(double), (size_t)r.neurons, stdout);
    fwrite(r.mean, sizeof(double), (size_t)(r.populations * r.steps * r.variables), stdout);
    free_run(&r);
    return ferror(stdout) || fflush(stdout) ? 2 : 0;
}

int main(int count, char **argument)
{
    if (count == 2 && strcmp(argument[1], "check") == 0)
        return check();
    if (count == 3 && strcmp(argument[1], "run") == 0)
        return run_from_input(argument[2]);
    if (count == 3 && strcmp(argument[1], "phases") == 0)
        return write_phases(argument[2]);
    if (count == 3 && strcmp(argument[1], "spatial") == 0)
        return write_spatial(argument[2]);
    if (count == 3 && strcmp(argument[1], "network") == 0)
        return write_network(argument[2]);
    if (count == 3 && strcmp(argument[1], "plastic") == 0)
        return write_plastic(argument[2]);
    if (count == 3 && strcmp(argument[1], "rates") == 0)
        return write_rates(argument[2]);
    if (count == 2 && strcmp(argument[1], "variants") == 0) {
        for (int i = 0; i < rldbs_variant_count(); i++)
            if (rldbs_variant_supported(i))
                printf("%s\n", rldbs_variant_name(i));
        return 0;
    }
    fprintf(stderr, "driver check | driver variants | driver run VARIANT | driver phases|spatial|network|plastic|rates VARIANT\n");
    return 2;
}
