"""The C of a regulator, with ``@…@`` where its signals, contacts and device decide what stands there."""

NEWEST = """
/* A signal now. */
static float continued(const name_state *s, int i)
{
    return s->observation[HEARD + i * LENGTH + LENGTH - 1];
}
"""
CONTINUED = """
/* A signal now, on one scale: every window has a zero of its own, which what two of them share gives away. */
static float continued(name_state *s, int i)
{
    const float *newest = s->observation + HEARD + i * LENGTH + LENGTH - 1;
    float *chains = s->chains + i * CHAINS * (SHARED + 1);
    float *chain = chains + s->chain * (SHARED + 1);
    const float *before = chains + (s->chain > 0 ? s->chain - 1 : CHAINS - 1) * (SHARED + 1);
    float own = 0.0f, between = 0.0f, pulled, zero;
    int k;
    for (k = 0; k < SHARED; k++) {
        const float sample = newest[-(k + 1) * APART];
        own += chain[k] - sample;
        between += before[k + 1] + (before[k] - before[k + 1]) / (float)CHAINS - sample;
    }
    own /= (float)SHARED;
    between = s->begun ? between / (float)SHARED : 0.0f;
    pulled = CHAINS > 1 ? JOINED * (between - own) : 0.0f;
    if (s->joined < CHAINS) {
        zero = between;
        for (k = 1; k <= SHARED; k++)
            chain[k] = newest[-k * APART] + zero;
    } else {
        zero = own + pulled;
        for (k = SHARED; k >= 1; k--)
            chain[k] = chain[k - 1] + pulled;
    }
    chain[0] = newest[0] + zero;
    return chain[0];
}

/* All signals of this decision are continued. */
static void next_chain(name_state *s)
{
    s->joined = s->joined < CHAINS ? s->joined + 1 : CHAINS;
    s->begun = 1;
    s->chain = s->chain + 1 < CHAINS ? s->chain + 1 : 0;
}
"""
REGULATE = """
/* What each regulator and the stabilising controller want at each contact, in parts of the amplitude. */
static void demand(name_state *s)
{
    float *stabilizing = s->wanted + GAINS * CONTACTS;
    int i, k;
    for (i = 0; i < GAINS * CONTACTS; i++) {
        const float *row = feedback + i * KNOWN;
        float sum = 0.0f;
        for (k = 0; k < KNOWN; k++)
            sum += row[k] * s->past[k];
        s->wanted[i] = sum;
    }
@FOLLOW@    for (i = 0; i < CONTACTS; i++) {
        const float *phasor = s->phasor@LISTENER@;
        stabilizing[i] = STABILIZING * (COSINE * phasor[0] + SINE * phasor[1]);
        stabilizing[CONTACTS + i] = STABILIZING * (COSINE * phasor[1] - SINE * phasor[0]);
    }
}

/* How much a regulator asks for, in parts of what can be given. */
static float asked(const float *wanted)
{
    float largest = 0.0f;
    int i;
    for (i = 0; i < CONTACTS; i++)
        largest = fmaxf(largest, fabsf(wanted[i]));
@ASKED@    return largest;
}

/* Who acts: the lowest price that is able to, or the stabilising controller. */
static int find_rung(name_state *s)
{
    float loudness = 0.0f;
    int i, rung = GAINS;
    for (i = 0; i < SIGNALS; i++)
        loudness += s->past[i] * s->past[i];
    s->power += (1.0f - FADE) * (loudness / (float)SIGNALS - s->power);
    for (i = GAINS - 1; i >= 0; i--) {
        s->peaks[i] = fmaxf(asked(s->wanted + i * CONTACTS), s->peaks[i] * FADE);
        if (i >= CHOSEN && s->age >= WAIT && s->peaks[i] <= DEMAND && s->power <= trusted[i])
            rung = i;
    }
    return rung;
}
@MIXED@@LIMITED@
/* What the stimulus makes of an action. */
static float delivered(float size)
{
@DELIVERED@    return size;
}

@GAVE@
static void decide(name_state *s)
{
    int i, k, rung;
    if (s->age == 0)
        for (i = 0; i < SIGNALS; i++) {
            s->mean[2 * i] = rests[i];
            s->mean[2 * i + 1] = 0.0f;
        }
    for (k = ORDER - 1; k >= SIGNALS; k--)
        s->past[k] = s->past[k - SIGNALS];
    for (i = 0; i < SIGNALS; i++) {
        float *mean = s->mean + 2 * i;
        s->past[i] = continued(s, i) - mean[0] - mean[1];
        add_slowly(mean, fmaxf(MEAN_RATE, 1.0f / (AVERAGED + (float)s->calm)) * s->past[i]);
    }
@NEXT@    demand(s);
    rung = find_rung(s);
    s->calm = rung == GAINS ? 0 : s->calm < LONG ? s->calm + 1 : LONG;
    for (k = 0; k < ACTIONS; k++)
        s->action[k] = 0.0f;
    for (i = 0; i < CONTACTS; i++)
        s->action[i * EACH] = fminf(fmaxf(@ACTION@, -1.0f), 1.0f);
@CHOOSE@    for (k = KNOWN - 1; k >= ORDER + CONTACTS; k--)
        s->past[k] = s->past[k - CONTACTS];
    s->acts = s->until == 0;
    s->until = s->until + 1 < EVERY ? s->until + 1 : 0;
    name_gave(s, @GIVEN@);
    if (s->age < LONG)
        s->age++;
}
"""
GAVE_ONE = """/* Another action was given than the last one that was decided. */
void name_gave(name_state *s, float action)
{
    if (KNOWN > ORDER)
        s->past[ORDER] = s->acts ? delivered(action) : 0.0f;
}
"""
GAVE_SEVERAL = """/* Other actions were given than the last ones that were decided. */
void name_gave(name_state *s, const float *action)
{
    int i;
    if (KNOWN == ORDER)
        return;
    for (i = 0; i < CONTACTS; i++)
        s->past[ORDER + i] = s->acts ? delivered(action[i * EACH]) : 0.0f;
@AGAIN@}
"""
MIXED = """
/* What the mixture of a rung makes, at a contact, of all that is wanted. */
static float mixed(const name_state *s, int rung, int contact)
{
    const float *row = mixture + rung * (GAINS + 2);
    float sum = 0.0f;
    int i;
    for (i = 0; i < GAINS + 2; i++)
        sum += row[i] * s->wanted[i * CONTACTS + contact];
    return sum;
}
"""
LIMITED = """
/* All contacts together give no more than there is: inputs so many numbers apart are made smaller alike. */
static void limit(float *inputs, int apart)
{
    float total = 0.0f;
    int i;
    for (i = 0; i < CONTACTS; i++)
        total += fabsf(inputs[i * apart]);
    for (i = 0; i < CONTACTS; i++)
        inputs[i * apart] *= fminf(1.0f, ALL / fmaxf(total, ALL));
}
"""
ASKED = """    {
        float total = 0.0f;
        for (i = 0; i < CONTACTS; i++)
            total += fabsf(wanted[i]);
        largest = fmaxf(largest, total / ALL);
    }
"""
FOLLOW = "    follow(s);\n"
FOLLOW_EACH = """    for (s->turn = 0; s->turn < CONTACTS; s->turn++)
        follow(s);
    s->turn = 0;
"""
RESOLVED = """    size = rintf(size / RESOLUTION);
    size = fminf(fmaxf(size, -MOST_DELIVERED), MOST_DELIVERED) * RESOLUTION;
"""
SATURATED = "    size = fminf(fmaxf(size, -SATURATION), SATURATION);\n"
CHOOSE = """    s->action[0] = rintf((s->action[0] + 1.0f) / 2.0f * (float)(LEVELS - 1));
    s->action[0] = -1.0f + 2.0f * s->action[0] / (float)(LEVELS - 1);
"""
