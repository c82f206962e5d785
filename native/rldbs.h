/* The whole C interface. The Python binding is generated from this very file, so it holds declarations only;
 * whoever includes it includes <stdint.h> first. Nothing here allocates, prints, exits or keeps state. */

/* The version of the physics. It rises whenever the same configuration and seed give other bits.
 *   1  every product and every sum rounded
 *   2  products and sums rounded together where the equations and stages say fma */
int rldbs_physics(void);

/* Neuron models, numbered from 0. */
int rldbs_model_count(void);
const char *rldbs_model_name(int model);
int rldbs_model_variables(int model);  /* state variables of one neuron; variable 0 is x */
int rldbs_model_parameters(int model); /* constants that the model's equations take */

/* Variants of the kernel, one per instruction set, numbered from 0 in rising order. All give the same bits. */
int rldbs_variant_count(void);
const char *rldbs_variant_name(int variant);
int rldbs_variant_supported(int variant); /* 1 where this processor can run it */
int rldbs_variant_fuses(int variant);     /* 1 where it has an instruction for fused multiply-add */

int rldbs_lanes(void);    /* neurons are stored in whole groups of this many */
int rldbs_has_threads(void); /* 1 where the build has OpenMP */

/* Doubles of scratch memory that rldbs_advance needs. */
int64_t rldbs_scratch_size(int model, int64_t populations, int64_t neurons, int threads);

/* Advance a batch of populations by classical fixed-step RK4. Every neuron is driven by current + coupling * X,
 * X being the mean of x over its population at each RK4 stage. All arrays but mean are C-contiguous. */
void rldbs_advance(
    int model,                /* which neuron model */
    int variant,              /* which instruction set; must be supported */
    int threads,              /* threads to use, 1 or more; the result does not depend on it */
    int64_t populations,      /* how many populations */
    int64_t neurons,          /* neurons in each */
    int64_t stride,           /* doubles from one variable to the next: neurons rounded up to whole lanes */
    int64_t steps,            /* integration steps */
    double dt,                /* length of a step, in the model's time unit */
    const double *parameters, /* (rldbs_model_parameters) constants of the equations */
    double *state,            /* (populations, variables, stride), read and written; the padding stays 0 */
    const double *current,    /* (populations, stride), each neuron's constant current */
    const double *coupling,   /* (populations), mean-field coupling */
    const double *kicks,      /* (populations, steps), added to x of every neuron before each step */
    double *mean,             /* written: mean over neurons of each variable after each step */
    int64_t population_stride, int64_t step_stride, int64_t variable_stride, /* doubles between two of mean */
    double *scratch);         /* (rldbs_scratch_size) contents do not matter */

/* Phase oscillators in tissue: θ' = ω + K Σ_r V_r,i Σ_j W_r,j sin(θ_j − θ_i) + Z(θ_i) Σ_c G_c,i u_c + noise.
 * Arrays are (rows, stride), their padding 0. */
enum { RLDBS_FOURIER = 0, RLDBS_GAUSSIAN = 1 };
typedef struct {
    int64_t neurons, stride, modes, contacts, sites;
    const double *weights_in;  /* W (modes, stride); without V (2^folds parts, groups of lanes, oscillators of a part, lanes) */
    const double *weights_out; /* V (modes, stride); 0: there are as many modes as neurons, mode i acts on oscillator i with a
                                * weight of 1, and W is folded */
    int64_t folds;             /* without V: along how many axes of a grid the oscillators are the same from either end, … */
    const int64_t *axes;       /* … and (folds, 3) how many there are before, across and after each, in a part that is
                                * folded along those in front of it. With ' for the other end of an axis, W_ij = W_i'j'. Then
                                * there are, for i and j in the axis's first half, the middle one included, (W_ij + W_ij')/2,
                                * the middle one's column halved once more, and after it (W_ij − W_ij')/2: each part becomes
                                * two. Element (p, g, j, l) is what j gives to lanes·g + l in part p */
    const double *conductance; /* G (contacts, stride) */
    int64_t conductance_stride; /* doubles from one population's G to that of the next; 0: all have this one */
    const double *recording;   /* P (sites, stride); the first one's weights sum to 1 */
    int response;              /* Z(θ): RLDBS_FOURIER a0/2 + Σ a_n cos nθ + b_n sin nθ, RLDBS_GAUSSIAN exp(−(|θ| − π)²/2) */
    int64_t harmonics;
    const double *cosines, *sines; /* (harmonics + 1) a_n and b_n */
    double dt;
    double noise;              /* standard deviation of what is added to each phase after a step */
    double rate_unit;          /* in which the rate is written, in radians per unit of time */
} rldbs_tissue;

/* y = cos x, for |x| up to some thousand turns, or y = exp x, for x from -700 to 700: the same bits on every processor. */
enum { RLDBS_COSINE = 0, RLDBS_EXPONENTIAL = 1 };
void rldbs_curve(int curve, int variant, int64_t count, const double *x, double *y);

/* Doubles of scratch memory that rldbs_phase_advance needs. */
int64_t rldbs_phase_scratch_size(const rldbs_tissue *tissue, int64_t populations, int threads);

enum { RLDBS_PHASE_ROWS = 3 }; /* of a population's state: cos θ and sin θ, which are written, and θ, which is also read */

/* Advance a batch of populations by classical RK4, stimulation held over each step. Phases are kept within a half turn of
 * 0. Of each step is written, column by column: the weighted sums of cos θ and of sin θ at the first site after it, the
 * rate at which the phases have advanced, weighted likewise, and then the sums of every further site. */
void rldbs_phase_advance(
    const rldbs_tissue *tissue, int variant, int threads, int64_t populations, int64_t steps,
    double *state,            /* (populations, RLDBS_PHASE_ROWS, stride), read and written; the padding stays 0 */
    const double *frequency,  /* (populations, stride) ω */
    const double *coupling,   /* (populations) K */
    const double *stimulation, /* (populations, steps, contacts) u */
    const uint64_t *seeds, uint64_t *clocks, /* (populations) of the noise; how many steps have been taken */
    double *mean, int64_t population_stride, int64_t step_stride, int64_t column_stride, double *scratch);

/* Neurons in tissue: neuron i is driven by current + coupling · Σ_r V_ri field_r, field_r = Σ_j W_rj x_j at each RK4 stage.
 * Arrays are padded with 0 to whole lanes; what lies in the first lines is as rldbs_advance takes it. */
typedef struct {
    int model;
    int64_t populations, neurons, stride;
    double dt;
    const double *parameters;
    double *state;
    const double *current, *coupling;
    int64_t modes, contacts, sites;
    const double *weights_in;  /* W (modes, stride) */
    const double *weights_out; /* V (stride / lanes, modes, lanes); 0: mode i acts on neuron i, with a weight of 1 */
    const double *mixing;      /* W·V' (modes r in whole lanes / lanes, modes s, lanes of r) */
    const double *conductance; /* G (contacts, stride) */
    int64_t conductance_stride; /* as in rldbs_tissue */
    const double *recording;   /* P (sites, stride) */
} rldbs_spatial;

/* Doubles of scratch memory that the two functions below need; the first one as much as for one thread. */
int64_t rldbs_spatial_scratch_size(const rldbs_spatial *tissue, int threads);

/* What `mixing` is, from W and V. Its padding is left as it is. */
void rldbs_spatial_mixing(const rldbs_spatial *tissue, int variant, double *mixing, double *scratch);

/* Advance a batch of populations by classical RK4. Before each step Σ_c G_ci kick_c is added to x of neuron i. After each
 * is written, column by column: the mean over neurons of each variable, then the weighted sum of x of every site. */
void rldbs_spatial_advance(
    const rldbs_spatial *tissue, int variant, int threads, int64_t steps,
    const double *kicks,      /* (populations, steps, contacts) */
    double *mean, int64_t population_stride, int64_t step_stride, int64_t column_stride, double *scratch);

/* The functions with which neurons of a model are advanced, as they stand above: in a library that was compiled for one
 * model of the user's, which is model 0 there, either alike or in tissue; the others are 0. */
typedef struct {
    int64_t (*scratch_size)(int model, int64_t populations, int64_t neurons, int threads);
    void (*advance)(
        int model, int variant, int threads, int64_t populations, int64_t neurons, int64_t stride, int64_t steps, double dt,
        const double *parameters, double *state, const double *current, const double *coupling, const double *kicks,
        double *mean, int64_t population_stride, int64_t step_stride, int64_t variable_stride, double *scratch);
    int64_t (*spatial_scratch_size)(const rldbs_spatial *tissue, int threads);
    void (*spatial_mixing)(const rldbs_spatial *tissue, int variant, double *mixing, double *scratch);
    void (*spatial_advance)(
        const rldbs_spatial *tissue, int variant, int threads, int64_t steps, const double *kicks, double *mean,
        int64_t population_stride, int64_t step_stride, int64_t column_stride, double *scratch);
} rldbs_neurons;

/* rldbs_advance and rldbs_spatial_advance of such a library. */
void rldbs_own_advance(
    const rldbs_neurons *own, int variant, int threads, int64_t populations, int64_t neurons, int64_t stride,
    int64_t steps, double dt, const double *parameters, double *state, const double *current, const double *coupling,
    const double *kicks, double *mean, int64_t population_stride, int64_t step_stride, int64_t variable_stride,
    double *scratch);
void rldbs_own_spatial_advance(
    const rldbs_neurons *own, const rldbs_spatial *tissue, int variant, int threads, int64_t steps, const double *kicks,
    double *mean, int64_t population_stride, int64_t step_stride, int64_t column_stride, double *scratch);

/* Networks of cells: groups of one kind of cell each, and projections between them, all of which is shared by a batch.
 * The state of a network is that of its groups in turn, each (variables, cells), row 0 the membrane potential. */
int rldbs_cell_count(void);
const char *rldbs_cell_name(int cell);
int rldbs_cell_variables(int cell);
int rldbs_cell_inputs(int cell);       /* sums that its equations take; input 0 is the current */

enum { RLDBS_EULER = 0, RLDBS_RK4 = 1 };
enum { RLDBS_MOST_GROUPS = 16, RLDBS_MOST_VOLTAGE = 600 }; /* of a network; mV, beyond which a network has diverged */
enum { RLDBS_MOST_VARIABLES = 16, RLDBS_MOST_INPUTS = 8, RLDBS_MOST_PARAMETERS = 32 }; /* of a cell */
typedef struct {
    int groups, projections, contacts, channels;
    const int32_t *cell, *cells;           /* (groups) which kind; how many */
    const int32_t *first_parameter;        /* (groups) where the constants of its equations begin … */
    const double *parameters;              /* … in these */
    const int32_t *from, *row, *to, *input; /* (projections) the source group and its variable, the target group and its input */
    const int32_t *sources;                /* (projections) how many sources a target has */
    const double *weight;                  /* (projections) what the sum over them is multiplied by */
    const int32_t *source;                 /* of each projection in turn (sources, cells of the target): which cells */
    const double *reach;                   /* (contacts, all cells) how much of a contact's current reaches a cell */
    const int32_t *channel_group, *channel_row; /* (channels) which variable of which group is recorded */
    const double *recording;               /* (channels, all cells) with which weights; the cells of other groups do not count */
    int integrator;
    double dt;
} rldbs_network;

int64_t rldbs_network_size(const rldbs_network *network); /* doubles of a network's state */

/* Doubles of scratch memory that rldbs_network_advance needs. */
int64_t rldbs_network_scratch_size(const rldbs_network *network, int64_t networks, int threads);

/* Advance a batch of networks, currents held over each step. Euler's step takes all rates at its beginning; then, where v
 * has risen through the cell's threshold, the cell's synapse gets its impulse and a spike is listed. */
void rldbs_network_advance(
    const rldbs_network *network, int variant, int threads, int64_t networks, int64_t steps,
    int64_t every,            /* a sample is taken after so many steps; steps is a multiple of it */
    double *state,            /* (networks, rldbs_network_size), read and written */
    const double *applied,    /* (networks, all cells), constant currents */
    const double *currents,   /* (networks, steps, contacts) */
    double *samples,          /* (networks, steps / every, channels), written */
    int32_t *spikes, int64_t capacity, /* (networks, capacity, 2), written: the step, from 0, and the cell, in their order */
    int64_t *counts,          /* (networks), written: spikes, may be more than there was capacity for; -1 - c: diverged, cell c first */
    double *scratch);

/* The functions with which networks are advanced, as they stand above: in a library that was compiled for some cells, the
 * user's own or the core's, which are numbered anew there. */
typedef struct {
    int64_t (*size)(const rldbs_network *network);
    int64_t (*scratch_size)(const rldbs_network *network, int64_t networks, int threads);
    void (*advance)(
        const rldbs_network *network, int variant, int threads, int64_t networks, int64_t steps, int64_t every,
        double *state, const double *applied, const double *currents, double *samples, int32_t *spikes, int64_t capacity,
        int64_t *counts, double *scratch);
    void (*start)(                         /* where cells of the user's begin */
        int cell, int64_t count, const double *parameters,
        double *state);                    /* (variables, count): v is read, the others are written */
} rldbs_cells;

/* Excitatory and inhibitory neurons that integrate and fire, each group onto the other, by Euler's method:
 *   τ v' = −v + gain S(t − delay) + drive + Σ_c G_c u_c + noise ξ    S' = X − S    X' = −X    (in ms)
 * A spike of group 0 adds its synapse's weight to X of each target, one of group 1 takes 1 from it. The weights follow
 * the times of spikes: one of group 0 depresses its own by the target's trace, one of group 1 potentiates those onto it
 * by the source's. Connections and weights are each network's own. */
typedef struct {
    int64_t neurons, stride;  /* rounded up to whole lanes */
    double gain, drive, noise; /* ξ is of variance 1, drawn anew for every step */
    double tau, threshold, reset, floor, refractory; /* τ; mV; steps at reset after a spike, that of the spike included */
    double trace_time, trace_step; /* a trace decays within this, and rises by that at a spike */
} rldbs_firing;
typedef struct {
    rldbs_firing group[2];    /* excitatory, inhibitory */
    double dt;
    int64_t delay, fixed;     /* in steps: from a spike to its effect, 1 or more; how long the weights stay at first */
    double depression, potentiation, least, most; /* of weights: factors of the traces; bounds */
    int assigns;              /* 1: as published, one spike of a step overwrites what another one has done; 0: they add */
    int64_t contacts;
    const double *reach;      /* G (contacts, stride of group 0 + that of group 1) */
    int64_t capacity[2];      /* synapses for which there is memory, from group 0 and from group 1 */
    int64_t window;           /* steps over which sums are taken, wherever calls begin and end; 0: over each call */
    int64_t kept;             /* doubles at the end of the state that are the caller's own */
} rldbs_plastic;

/* Doubles of a network's state: of both groups in turn v, steps that are left at reset, trace, S, X (rows of stride) and
 * `delay` rows of S before; then the weights of group 0's synapses in their order. With a window there follow what spread
 * else holds, of the window so far; the sum over it of what the mean of v of group 0 is above reset, and of its square; and
 * of the last whole window χ² of group 0, and the mean weight at its end. */
int64_t rldbs_plastic_size(const rldbs_plastic *network);

/* Doubles of scratch memory that rldbs_plastic_advance needs. */
int64_t rldbs_plastic_scratch_size(const rldbs_plastic *network, int64_t networks, int threads);

/* Advance a batch of networks, currents held over each step. */
void rldbs_plastic_advance(
    const rldbs_plastic *network, int variant, int threads, int64_t networks, int64_t steps,
    const int64_t *outward[2], /* of each group (networks, neurons + 1): where each one's synapses begin and end */
    const int32_t *target[2],  /* of each group (networks, capacity): the other group's neurons */
    const int64_t *inward,     /* (networks, neurons of group 1 + 1): where the synapses onto each begin and end … */
    const int32_t *source, const int32_t *synapse, /* (networks, capacity) … from which neuron of group 0, which weight */
    const uint64_t *keys, uint64_t *clocks, /* (networks) of the noise; how many steps have been taken */
    double *state,            /* (networks, rldbs_plastic_size), read and written */
    const double *applied,    /* (networks, both strides), constant currents of neurons' own, in mV */
    const double *currents,   /* (networks, steps, contacts) */
    double *means,            /* (networks, steps, 2), written: of v, after each step */
    double *spread,           /* (networks, 2 · both strides), written: of each group v − reset and its square, summed; 0 with
                               * a window */
    double *weight,           /* (networks), written: the mean weight at the end */
    double *told,             /* (networks, steps, 2), written: the last two of the state after each step; 0 without a window */
    int32_t *spikes, int64_t capacity, /* (networks, capacity, 2), written: the step, from 0, and the neuron, in their order */
    int64_t *counts,          /* (networks), written: spikes, may be more than there was capacity for */
    double *scratch);

/* Two nuclei, STN and GPe, as rates in spk/s that answer to each other after a delay, by Euler's method (in ms):
 *   τ_S S' = F_S(cortex − w_GS G(t − d_GS)) − S + current + kick          F(x) = M / (1 + (M − B)/B · exp(−4x/M))
 *   τ_G G' = F_G(w_SG S(t − d_SG) − w_GG G(t − d_GG) − striatum) − G
 * To each comes noise, and no rate falls below 0. Weights lie between two states, as far as a population's severity says. */
typedef struct {
    double dt;
    int64_t every;            /* integration steps of a step, over which a kick is held and at whose end is sampled */
    int64_t delay[3];         /* in integration steps, 0 or more: STN → GPe, GPe → STN, GPe → GPe */
    int64_t memory;           /* integration steps of the past that a state holds, more than any delay */
    double tau[2], most[2], rest[2], noise[2]; /* of STN, GPe: τ; M; B; standard deviation of what comes to it in a step */
    double healthy[5], diseased[5]; /* w_SG, w_GS, w_GG, cortex, striatum, at a severity of 0 and of 1 */
} rldbs_rates;

/* Doubles of scratch memory that rldbs_rates_advance needs. */
int64_t rldbs_rates_scratch_size(const rldbs_rates *model, int64_t populations, int threads);

/* Where the newest rate of STN of each population is, one after the other. */
const double *rldbs_rates_newest(const rldbs_rates *model, int64_t stride, const double *state);

/* Advance a batch of populations, each a lane. Nothing depends on the number of threads. */
void rldbs_rates_advance(
    const rldbs_rates *model, int variant, int threads, int64_t populations,
    int64_t stride,           /* populations, rounded up to whole lanes */
    int64_t steps,
    double *state,            /* (2, memory, stride), read and written: STN, GPe, oldest first */
    const double *current, const double *severity, /* (populations) */
    const double *kicks,      /* (populations, steps) */
    const uint64_t *seeds, uint64_t *clocks, /* (populations) of the noise; integration steps that have been taken */
    double *mean,             /* written: S and G after each step, with these strides */
    int64_t population_stride, int64_t step_stride, int64_t variable_stride,
    double *scratch);

/* Rewards and observations: sums over each row, in one fixed order. Value i of row r is past[r * row_stride + i * stride],
 * and the last `steps` values are those of the environment step. Every reward is -cost - beta * the mean over the steps of
 * the absolute kicks of all contacts together. */

/* The cost: the mean square of the step's values about the mean of the last `window`. */
void rldbs_deviation_rewards(
    int64_t rows, int64_t memory, int64_t row_stride, int64_t stride, /* memory values in each row */
    const double *past, int64_t window, int64_t steps,
    int64_t contacts,
    const double *kicks, /* (rows, steps, contacts) */
    double beta,
    double *rewards);    /* (rows), written */

/* The cost: weight * the mean square of the step's values about a target. */
void rldbs_setpoint_rewards(
    int64_t rows, int64_t memory, int64_t row_stride, int64_t stride, const double *past, double target, double weight,
    int64_t steps, int64_t contacts, const double *kicks, double beta, double *rewards);

/* The cost: given, and replaced by the reward. */
void rldbs_rewards(int64_t rows, int64_t steps, int64_t contacts, const double *kicks, double beta, double *costs);

/* The samples of each row and channel, less their mean where they are centered, within bounds. */
void rldbs_observe(
    int64_t rows, int64_t channels, int64_t count, int64_t row_stride, int64_t channel_stride, int64_t stride,
    int centered, const double *signals,
    const float *low, const float *high, /* (channels) */
    float *observations);                /* (rows, channels, count), written */

/* 1 where all of a mean field, laid out as rldbs_advance writes it, is below a bound in absolute terms; 0 where some of it
 * is not, or is not a number. */
int rldbs_within(
    int64_t populations, int64_t steps, int64_t variables, int64_t population_stride, int64_t step_stride,
    int64_t variable_stride, const double *mean, double bound);

/* Add what values are away from their origins, and its square, to sums: (rows, count), contiguous but for the rows of x. */
void rldbs_spread(
    int64_t rows, int64_t count, int64_t row_stride, const double *x, const double *origin, double *sum, double *square);

/* Bring values into [-1, 1]. Returns the first that was not finite, or -1. */
int64_t rldbs_clip(int64_t count, double *values);

/* A closed loop whose stimulus, reward and recording are all that follows: where its arrays lie, and what is made of
 * them. What a loop does in its own way is left out: the pointer or number that says so is 0. */
typedef struct {
    int model;
    int64_t populations, neurons, stride, steps; /* as rldbs_advance takes them */
    double dt;
    const double *parameters;
    double *state;
    const double *current, *coupling;
    const rldbs_tissue *tissue;   /* of phase oscillators, whose frequency is `current`; 0: neurons of the model */
    const uint64_t *seeds;        /* (populations) as rldbs_phase_advance takes them; so are the clocks */
    uint64_t *clocks;
    const rldbs_spatial *spatial; /* of neurons in tissue; 0: they are coupled through their mean */
    const rldbs_rates *rates;     /* of rates with delays, which are lanes: a population's stride and rows are 1 */
    int64_t lanes;                /* of those, the stride that rldbs_rates_advance takes */
    const rldbs_neurons *own;     /* where neurons of the user's model are advanced; 0: here */
    int64_t rows, signals;        /* of a population's state; of the mean field */
    int64_t contacts;
    int together;                 /* whether one action is for all contacts; else each has one of its own */
    const double *waveform;       /* (steps) kicks of an action of 1; 0: the kicks are given */
    double *history;              /* (signals, populations, length) the mean field, the newest step at now - 1 */
    int64_t length;
    double bound;                 /* of the mean field, in absolute terms */
    int reward;                   /* 0: none; 1: about the mean of the window; 2: about the target */
    int64_t window;
    double target, weight, beta;
    int64_t channels, memory, count, every; /* of an observation: count samples, every so many steps; channels 0: none */
    int centered;
    const int64_t *variables;     /* (channels) which variables */
    const float *low, *high;      /* (channels) */
} rldbs_loop;

/* One environment step: actions to kicks, the populations, rewards, observations, as the functions above make them.
 * Returns 0; 1 where the mean field has left its bound, 2 where a reward is not finite, and what follows is not made; or
 * -1 - i where action i is not finite, and nothing has changed. */
int64_t rldbs_step(
    const rldbs_loop *loop, int variant, int threads,
    int64_t now,          /* steps in the history after this one */
    double *actions,      /* (populations, contacts or 1), brought into [-1, 1]; not read where the kicks are given */
    double *kicks,        /* (populations, steps, contacts), written, or given */
    double *rewards,      /* (populations), written */
    float *observations,  /* (populations, channels, count), written */
    double *scratch);

/* Environment steps without actions. After each, x of every neuron is added to sums as rldbs_spread does, where there are
 * any. Returns how many steps went well: all, or those before the one in which the mean field has left its bound. */
int64_t rldbs_rest(
    const rldbs_loop *loop, int variant, int threads,
    int64_t now,          /* steps in the history before the first one */
    int64_t count,        /* environment steps */
    const double *kicks,  /* (populations, steps, contacts) */
    const double *origin, double *sum, double *square, /* (populations, neurons), or 0 */
    double *scratch);
