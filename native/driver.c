/* Runs the core without Python: for sanitizers, other compilers and other processors.
 *
 *   driver check            every model, size, variant and number of threads gives the same bits
 *   driver variants         names the kernel variants that this processor supports
 *   driver run VARIANT      reads a run from standard input, writes its state and its mean field
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

typedef struct {
    int model, variables, parameters;
    int64_t populations, neurons, stride, steps;
    double dt, *constants, *coupling, *current, *state, *kicks, *mean;
} run;

static double *doubles(int64_t count)
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

/* Uniform in [-1, 1): a generator of the driver's own, the same everywhere. */
static double uniform(uint64_t *seed)
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

static int check(void)
{
    static const int64_t neurons[] = {1, 7, 8, 9, 255, 257, 1023, 1024, 1025, 5000, 32768, 33001}, populations[] = {1, 2, 5};
    int runs = 0, wrong = 0;
    for (int model = 0; model < rldbs_model_count(); model++)
        for (size_t n = 0; n < sizeof neurons / sizeof *neurons; n++)
            for (size_t p = 0; p < sizeof populations / sizeof *populations; p++) {
                wrong += check_run(model, populations[p], neurons[n], 7, &runs);
                wrong += check_run(model, populations[p], neurons[n], 0, &runs);
            }
    printf("%d runs of %d models, %d with other bits\n", runs, rldbs_model_count(), wrong);
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
    const int variant = named(variant_name, rldbs_variant_count(), rldbs_variant_name);
    if (!rldbs_variant_supported(variant)) {
        fprintf(stderr, "this processor does not run %s\n", variant_name);
        return 2;
    }
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
    if (count == 2 && strcmp(argument[1], "variants") == 0) {
        for (int i = 0; i < rldbs_variant_count(); i++)
            if (rldbs_variant_supported(i))
                printf("%s\n", rldbs_variant_name(i));
        return 0;
    }
    fprintf(stderr, "driver check | driver variants | driver run VARIANT\n");
    return 2;
}
