/* The batch loop: which kernel runs, and which thread runs which population. */
#include <stdint.h>

#include "rldbs.h"
#include "kernel.h"
#include "vector.h"
#include "models.h"

#ifdef _OPENMP
#include <omp.h>
#endif

/* Below this size the threads' waiting for each other twice a step costs more than they save; and below so many steps of
 * neurons in a call, waking them does. */
enum { NEURONS_WORTH_SHARING = 32768, STEPS_WORTH_WAKING = 100000 };

#define NAME(model) #model,
#define VARIABLES(model) model##_variables,
#define PARAMETERS(model) model##_parameters,
static const char *const model_names[] = {RLDBS_MODELS(NAME)};
static const int model_variables[] = {RLDBS_MODELS(VARIABLES)};
static const int model_parameters[] = {RLDBS_MODELS(PARAMETERS)};

int rldbs_physics(void) { return 2; }

int rldbs_model_count(void) { return (int)(sizeof model_names / sizeof *model_names); }
const char *rldbs_model_name(int model) { return model_names[model]; }
int rldbs_model_variables(int model) { return model_variables[model]; }
int rldbs_model_parameters(int model) { return model_parameters[model]; }

#ifdef RLDBS_X86_64
extern advance_function *const RLDBS_KERNELS(v1)[], *const RLDBS_KERNELS(v3)[], *const RLDBS_KERNELS(v4)[];
static advance_function *const *const kernels[] = {RLDBS_KERNELS(v1), RLDBS_KERNELS(v3), RLDBS_KERNELS(v4)};
static const char *const variant_names[] = {"x86-64", "x86-64-v3", "x86-64-v4"};

int rldbs_variant_supported(int variant)
{
    __builtin_cpu_init();
    const int v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                   __builtin_cpu_supports("bmi2");
    const int v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                   __builtin_cpu_supports("avx512vl");
    return variant == 0 || (variant == 1 && v3) || (variant == 2 && v4);
}

int rldbs_variant_fuses(int variant) { return variant > 0; }
#else
extern advance_function *const RLDBS_KERNELS(generic)[];
static advance_function *const *const kernels[] = {RLDBS_KERNELS(generic)};
static const char *const variant_names[] = {"generic"};

int rldbs_variant_supported(int variant) { return variant == 0; }

int rldbs_variant_fuses(int variant)
{
    (void)variant;
    return RLDBS_FUSES;
}
#endif

int rldbs_variant_count(void) { return (int)(sizeof variant_names / sizeof *variant_names); }
const char *rldbs_variant_name(int variant) { return variant_names[variant]; }
int rldbs_lanes(void) { return LANES; }

int rldbs_has_threads(void)
{
#ifdef _OPENMP
    return 1;
#else
    return 0;
#endif
}

static int64_t stride_of(int64_t neurons) { return (neurons + LANES - 1) / LANES * LANES; }

static int64_t scratch_of_one(int model, int64_t neurons)
{
    const int64_t blocks = (neurons + BLOCK - 1) / BLOCK;
    /* Whole groups of lanes, so that threads with populations of their own never write to one cache line. */
    return model_variables[model] * stride_of(neurons) + 2 * (model_variables[model] + 1) * stride_of(blocks);
}

/* Threads share each population where there are too few to go round, else each has populations of its own. */
static int is_shared(int threads, int64_t populations, int64_t neurons)
{
    return threads > 1 && populations < 2 * threads && neurons >= NEURONS_WORTH_SHARING;
}

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

int64_t rldbs_scratch_size(int model, int64_t populations, int64_t neurons, int threads)
{
    return (is_shared(threads, populations, neurons) ? 1 : least(threads, populations)) * scratch_of_one(model, neurons);
}

/* The arguments of rldbs_advance that say where each population lies. */
typedef struct {
    int variables, threads_share;
    int64_t neurons, stride, steps;
    double dt;
    const double *parameters, *current, *coupling, *kicks;
    double *state, *mean;
    int64_t population_stride, step_stride, variable_stride; /* of mean */
} batch;

static void advance_population(advance_function *kernel, const batch *b, int64_t i, int thread, double *scratch)
{
    const population p = {
        .neurons = b->neurons,
        .stride = b->stride,
        .steps = b->steps,
        .dt = b->dt,
        .coupling = b->coupling[i],
        .parameters = b->parameters,
        .current = b->current + i * b->stride,
        .kicks = b->kicks + i * b->steps,
        .state = b->state + i * b->variables * b->stride,
        .mean = b->mean + i * b->population_stride,
        .step_stride = b->step_stride,
        .variable_stride = b->variable_stride,
        .work = scratch,
        .sums = scratch + b->variables * b->stride,
        .threads_share = b->threads_share,
        .writes_mean = !b->threads_share || thread == 0,
    };
    kernel(&p);
}

#ifdef _OPENMP
/* Each thread takes the next few populations, or the next block of one, when it is done with the last: cores are seldom
 * equally fast. */
static void advance_with(
    int team, advance_function *kernel, const batch *b, int64_t populations, double *scratch, int64_t scratch_of_each)
{
    const int64_t few = 1 + populations / (16 * team);
#pragma omp parallel num_threads(team)
    {
        const int thread = omp_get_thread_num();
        if (b->threads_share) {
            for (int64_t i = 0; i < populations; i++) {
                advance_population(kernel, b, i, thread, scratch);
#pragma omp barrier /* the next one's first sums are written where these are still being read */
            }
        } else {
#pragma omp for schedule(dynamic, few)
            for (int64_t i = 0; i < populations; i++)
                advance_population(kernel, b, i, thread, scratch + thread * scratch_of_each);
        }
    }
}
#endif

void rldbs_advance(
    int model, int variant, int threads, int64_t populations, int64_t neurons, int64_t stride, int64_t steps, double dt,
    const double *parameters, double *state, const double *current, const double *coupling, const double *kicks,
    double *mean, int64_t population_stride, int64_t step_stride, int64_t variable_stride, double *scratch)
{
    const batch b = {
        .variables = model_variables[model],
        .threads_share = is_shared(threads, populations, neurons),
        .neurons = neurons,
        .stride = stride,
        .steps = steps,
        .dt = dt,
        .parameters = parameters,
        .current = current,
        .coupling = coupling,
        .kicks = kicks,
        .state = state,
        .mean = mean,
        .population_stride = population_stride,
        .step_stride = step_stride,
        .variable_stride = variable_stride,
    };
    advance_function *const kernel = kernels[variant][model];

#ifdef _OPENMP
    /* No more than have something to do. */
    const int team = (int)least(threads, b.threads_share ? (neurons + BLOCK - 1) / BLOCK : populations);
    const int worth = b.threads_share || populations * neurons * steps >= STEPS_WORTH_WAKING;
    if (team > 1 && worth) {
        advance_with(team, kernel, &b, populations, scratch, scratch_of_one(model, neurons));
        return;
    }
#endif
    for (int64_t i = 0; i < populations; i++)
        advance_population(kernel, &b, i, 0, scratch);
}
