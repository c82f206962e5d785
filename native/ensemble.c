/* The batch loop: which kernel runs, and which thread runs which population. */
#include <stdint.h>

#include "rldbs.h"
#include "kernel.h"
#include "vector.h"
#include "models.h"

#ifdef _OPENMP
#include <omp.h>
#endif

/* Below this size the threads' waiting for each other four times a step costs more than they save. */
enum { NEURONS_WORTH_SHARING = 8192 };

#define NAME(model) #model,
#define VARIABLES(model) model##_variables,
#define PARAMETERS(model) model##_parameters,
static const char *const model_names[] = {RLDBS_MODELS(NAME)};
static const int model_variables[] = {RLDBS_MODELS(VARIABLES)};
static const int model_parameters[] = {RLDBS_MODELS(PARAMETERS)};

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
#else
extern advance_function *const RLDBS_KERNELS(generic)[];
static advance_function *const *const kernels[] = {RLDBS_KERNELS(generic)};
static const char *const variant_names[] = {"generic"};

int rldbs_variant_supported(int variant) { return variant == 0; }
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
    /* Whole groups of lanes, so that no two threads write to one cache line. */
    return 2 * model_variables[model] * (stride_of(neurons) + stride_of(blocks));
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

void rldbs_advance(
    int model, int variant, int threads, int64_t populations, int64_t neurons, int64_t stride, int64_t steps, double dt,
    const double *parameters, double *state, const double *current, const double *coupling, const double *kicks,
    double *mean, double *scratch)
{
    const int variables = model_variables[model];
    const int shared = is_shared(threads, populations, neurons);
    advance_function *const kernel = kernels[variant][model];

#ifdef _OPENMP
    /* No more than have something to do. */
    const int team_size = (int)least(threads, shared ? (neurons + BLOCK - 1) / BLOCK : populations);
#endif
#pragma omp parallel num_threads(team_size) if (team_size > 1)
    {
#ifdef _OPENMP
        const int thread = omp_get_thread_num(), team = omp_get_num_threads();
#else
        const int thread = 0, team = 1;
#endif
        double *const own = scratch + (shared ? 0 : thread) * scratch_of_one(model, neurons);
        for (int64_t i = shared ? 0 : thread; i < populations; i += shared ? 1 : team) {
            const population p = {
                .neurons = neurons,
                .stride = stride,
                .steps = steps,
                .dt = dt,
                .coupling = coupling[i],
                .parameters = parameters,
                .current = current + i * stride,
                .kicks = kicks + i * steps,
                .state = state + i * variables * stride,
                .mean = mean + i * steps * variables,
                .work = own,
                .sums = own + 2 * variables * stride,
                .thread = shared ? thread : 0,
                .team = shared ? team : 1,
            };
            kernel(&p);
        }
    }
}
