
/* Ossicle's predictor in C99, without a library and without an allocator. It does the same operations as the Rust source,
   in the same order, and therefore gives the same bits. Below: elementary functions; sums and products; the Fourier
   transform; the front end (samples to log-mel frames); classification (frames to log-probabilities).

   The files of the folder `predictor` of the Rust source explain the equations, and labels such as (PX.1) refer to them.
   The constants above belong to the model and to exp and ln. The header says of which kind the classifier is.

   Arithmetic must follow IEEE 754, operation by operation. */
#if defined(__FAST_MATH__)
#error "compile without -ffast-math: it changes the result"
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0
#error "float arithmetic has excess precision here; on 32-bit x86 compile with -msse2 -mfpmath=sse"
#endif
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__) && !defined(__STRICT_ANSI__)
#error "compile with -std=c99: otherwise GNU C fuses products with sums, which changes the result"
#endif

typedef union { float number; uint32_t bits; } single;

static float of_bits(uint32_t bits) { single x; x.bits = bits; return x.number; }
static uint32_t bits_of(float number) { single x; x.number = number; return x.bits; }

/* a*b + c, rounded once: by the processor, or else in binary64 with rounding to odd (Boldo and Melquiond, 2008). */
static float fused(float a, float b, float c)
{
#if defined(__FP_FAST_FMAF) || defined(__ARM_FEATURE_FMA)
    return __builtin_fmaf(a, b, c);
#else
    union { double number; uint64_t bits; } sum;
    double product = (double)a * (double)b, addend = c, part, error;
    sum.number = product + addend;
    if (sum.number == 0.0 || sum.number - sum.number != 0.0) return (float)sum.number;
    part = sum.number - product;
    error = (product - (sum.number - part)) + (addend - part);
    if (error != 0.0 && (sum.bits & 1) == 0) {
        if ((error > 0.0) == (sum.number > 0.0)) sum.bits += 1; else sum.bits -= 1;
    }
    return (float)sum.number;
#endif
}

static float power_of_two(float k) { return of_bits((bits_of(k + SHIFTER) + 127u) << 23); }

/* e^x for x between EXP_LOW and EXP_HIGH: x = k ln 2 + r, e^x = 2^k e^r. `is_short` leaves out the correction of r's
   rounding error. */
static float exp_in_range(float x, int is_short)
{
    float k = fused(x, PER_LN2, SHIFTER) - SHIFTER;
    float high = fused(k, -LN2_HIGH, x);
    float r = fused(k, -LN2_LOW, high);
    float lost = fused(k, -LN2_LOW, high - r);
    float series = exp_series[EXP_TERMS - 1], less_one, half;
    int i;
    for (i = EXP_TERMS - 2; i >= 0; i--) series = fused(series, r, exp_series[i]);
    less_one = is_short ? fused(r * r, series, r) : r + fused(r * r, series, lost);
    half = (k * 0.5f + SHIFTER) - SHIFTER;
    return (1.0f + less_one) * power_of_two(half) * power_of_two(k - half);
}

static float exponential(float x)
{
    x = EXP_LOW > x ? EXP_LOW : x;
    return exp_in_range(EXP_HIGH < x ? EXP_HIGH : x, 0);
}

#if defined(OSSICLE_POOLED)
/* 1/(1 + e^-x). */
static float sigmoid(float x)
{
    float size = -of_bits(bits_of(x) & 0x7fffffffu);
    float e = exp_in_range(EXP_LOW > size ? EXP_LOW : size, 1);
    return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}
#endif

/* ln x: x = m 2^k with m near 1. */
static float logarithm(float x)
{
    float lifted = x < SMALLEST ? x * LIFT : x;
    uint32_t offset = bits_of(lifted) - 0x3f3504f3u;
    float k = of_bits((((offset >> 23) + 127u) & 0x1ffu) | 0x4b000000u) - (8388608.0f + 127.0f);
    float m = of_bits((offset & 0x7fffffu) + 0x3f3504f3u);
    float f = m - 1.0f, s = f / (f + 2.0f), z = s * s, half_square = 0.5f * f * f;
    float series = ln_series[LN_TERMS - 1], correction;
    int i;
    k = k - (x < SMALLEST ? LIFT_EXPONENT : 0.0f);
    for (i = LN_TERMS - 2; i >= 0; i--) series = fused(series, z, ln_series[i]);
    correction = fused(s, fused(z, series, half_square), k * LN2_LOW);
    if (!(x > 0.0f)) return x < 0.0f ? of_bits(0x7fc00000u) : x < SMALLEST ? of_bits(0xff800000u) : x;
    if (!(x < of_bits(0x7f800000u))) return x;
    return fused(k, LN2_HIGH, f - (half_square - correction));
}

/* What the sums below add. */
struct levels { float level, least, mean, deviation; uint32_t first, count; };
static float itself(float x, const struct levels *levels) { (void)levels; return x; }

/* The sum of n terms: in each chunk of 4096, 32 running sums, which are added as a tree. */
static float sum(const float *x, uint32_t n, float (*term)(float, const struct levels *), const struct levels *levels)
{
    float total = 0.0f;
    uint32_t start, i, width;
    for (start = 0; start < n; start += 4096) {
        float sums[32];
        uint32_t length = n - start < 4096 ? n - start : 4096;
        for (i = 0; i < 32; i++) sums[i] = 0.0f;
        for (i = 0; i < length; i++) sums[i % 32] += term(x[start + i], levels);
        for (width = 16; width > 0; width /= 2)
            for (i = 0; i < width; i++) sums[i] += sums[i + width];
        total += sums[0];
    }
    return total;
}

/* One element of a matrix product: a chain of fused multiply-adds over each block of BLOCK elements, the chains added. */
static float chain(const float *a, const float *b, uint32_t n)
{
    float c = 0.0f;
    uint32_t start, i;
    for (start = 0; start < n; start += BLOCK) {
        uint32_t end = n - start < BLOCK ? n : start + BLOCK;
        float s = 0.0f;
        for (i = start; i < end; i++) s = fused(a[i], b[i], s);
        c = start == 0 ? s : c + s;
    }
    return c;
}

/* The Fourier transform: passes of short transforms, (PX.1). A complex number is two elements of an array. */
typedef struct { float re, im; } pair;

static pair of(float re, float im) { pair z; z.re = re; z.im = im; return z; }
static pair at(const float *z, uint32_t k) { return of(z[2 * k], z[2 * k + 1]); }
static pair add(pair a, pair b) { return of(a.re + b.re, a.im + b.im); }
static pair sub(pair a, pair b) { return of(a.re - b.re, a.im - b.im); }
static pair times(pair a, float factor) { return of(a.re * factor, a.im * factor); }
static pair product(pair a, pair w) { return of(a.re * w.re - a.im * w.im, a.re * w.im + a.im * w.re); }
/* The products of a with -i, (1 - i)/sqrt 2 and (-1 - i)/sqrt 2. */
static pair quarter(pair a) { return of(a.im, -a.re); }
static pair eighth(pair a) { return times(of(a.re + a.im, a.im - a.re), EIGHTH); }
static pair three_eighths(pair a) { return times(of(a.im - a.re, -(a.re + a.im)), EIGHTH); }
static float square(pair a) { return a.re * a.re + a.im * a.im; }

/* Transforms of 4 numbers with `step` elements from one to the next, of 8, and of 16. */
static void four(pair *x, uint32_t step)
{
    pair a = x[0], b = x[step], c = x[2 * step], d = x[3 * step];
    pair e = add(a, c), f = sub(a, c), g = add(b, d), h = sub(b, d);
    x[0] = add(e, g);
    x[step] = of(f.re + h.im, f.im - h.re);
    x[2 * step] = sub(e, g);
    x[3 * step] = of(f.re - h.im, f.im + h.re);
}

static void eight(pair *x)
{
    pair a[4], b[4];
    uint32_t k;
    for (k = 0; k < 4; k++) { a[k] = x[2 * k]; b[k] = x[2 * k + 1]; }
    four(a, 1);
    four(b, 1);
    b[1] = eighth(b[1]); b[2] = quarter(b[2]); b[3] = three_eighths(b[3]);
    for (k = 0; k < 4; k++) { x[k] = add(a[k], b[k]); x[k + 4] = sub(a[k], b[k]); }
}

static void sixteen(pair *x)
{
    const pair w1 = of(SIXTEENTH_COSINE, -SIXTEENTH_SINE), w3 = of(SIXTEENTH_SINE, -SIXTEENTH_COSINE);
    const pair w9 = of(-SIXTEENTH_COSINE, SIXTEENTH_SINE);
    pair y[16];
    uint32_t j, k;
    for (j = 0; j < 4; j++) four(x + j, 4); /* element k of transform j is at j + 4k */
    x[5] = product(x[5], w1); x[6] = eighth(x[6]); x[7] = product(x[7], w3);
    x[9] = eighth(x[9]); x[10] = quarter(x[10]); x[11] = three_eighths(x[11]);
    x[13] = product(x[13], w3); x[14] = three_eighths(x[14]); x[15] = product(x[15], w9);
    for (k = 0; k < 4; k++) four(x + 4 * k, 1); /* element m of transform k is at 4k + m */
    for (k = 0; k < 16; k++) y[k / 4 + 4 * (k % 4)] = x[k];
    for (k = 0; k < 16; k++) x[k] = y[k];
}

/* The power |X_k|^2, k = 0, ..., OSSICLE_FRAME / 2, of the frame whose samples `x` holds as complex numbers. The result is
   in the buffer that is returned, `x` or `y`; both are overwritten. */
static float *power(float *x, float *y)
{
    const uint32_t m = OSSICLE_FRAME / 2;
    uint32_t i, j, k, p, q, r, stride = 1;
    pair z[16];
    float *other;
    for (i = 0; i < sizeof radices / sizeof radices[0]; i++) {
        const uint32_t radix = radices[i], groups = m / (radix * stride);
        for (p = 0; p < groups; p++) {
            for (q = 0; q < stride; q++) {
                for (j = 0; j < radix; j++) z[j] = at(x, q + stride * (p + groups * j));
                switch (radix) {
                case 2: {
                    pair sum_of_two = add(z[0], z[1]);
                    z[1] = sub(z[0], z[1]);
                    z[0] = sum_of_two;
                    break;
                }
                case 4: four(z, 1); break;
                case 8: eight(z); break;
                default: sixteen(z);
                }
                for (r = 0; r < radix; r++) {
                    if (groups > 1 && r > 0) {
                        /* The second half of the unit circle is the first, negated. */
                        uint32_t exponent = 2 * stride * p * r;
                        z[r] = product(z[r], exponent < m ? of(twiddles[exponent][0], twiddles[exponent][1])
                                                          : of(-twiddles[exponent - m][0], -twiddles[exponent - m][1]));
                    }
                    y[2 * (q + stride * (radix * p + r))] = z[r].re;
                    y[2 * (q + stride * (radix * p + r)) + 1] = z[r].im;
                }
            }
        }
        other = x; x = y; y = other;
        stride *= radix;
    }
    /* (PX.2): each complex number held two real samples; separate their spectrum. */
    y[0] = square(of(x[0] + x[1], 0.0f));
    y[m] = square(of(x[0] - x[1], 0.0f));
    for (k = 1; k <= m / 2; k++) {
        pair a = at(x, k), b = at(x, m - k);
        pair even = times(of(a.re + b.re, a.im - b.im), 0.5f), odd = times(of(a.im + b.im, b.re - a.re), 0.5f);
        pair rotated = product(of(twiddles[k][0], twiddles[k][1]), odd);
        y[m - k] = square(of(even.re - rotated.re, rotated.im - even.im));
        y[k] = square(of(even.re + rotated.re, even.im + rotated.im));
    }
    return y;
}

void ossicle_reset(struct ossicle *o)
{
    o->filled = 0;
    o->frames = 0;
}

/* Appends one sample. If it completes a frame, computes the frame's log-mel bands. */
static int push_sample(struct ossicle *o, float sample)
{
    uint32_t i, b, weight = 0;
    const float *powers;
    o->frame[o->filled++] = sample;
    if (o->filled < OSSICLE_FRAME) return 0;
    if (o->frames == OSSICLE_MAX_FRAMES) {
        o->filled = OSSICLE_FRAME - 1; /* the samples so far can be classified; later ones are lost */
        return -1;
    }
    for (i = 0; i < OSSICLE_FRAME; i++) o->work.transform.spectrum[i] = o->frame[i] * hann[i]; /* (PF.1) */
    powers = power(o->work.transform.spectrum, o->work.transform.other);
    for (b = 0; b < OSSICLE_BANDS; b++) {
        float in_band = 0.0f;
        for (i = bands[b][0]; i < (uint32_t)bands[b][0] + bands[b][1]; i++) in_band += band_weights[weight++] * powers[i];
        o->log_mel[o->frames * OSSICLE_BANDS + b] = logarithm(in_band + FLOOR); /* (PF.2) */
    }
    o->frames += 1;
    for (i = OSSICLE_HOP; i < OSSICLE_FRAME; i++) o->frame[i - OSSICLE_HOP] = o->frame[i];
    o->filled = OSSICLE_FRAME - OSSICLE_HOP;
    return 0;
}

int ossicle_push_samples(struct ossicle *o, const int16_t *samples, uint32_t count)
{
    uint32_t i;
    for (i = 0; i < count; i++)
        if (push_sample(o, (float)samples[i] / 32768.0f) != 0) return -1;
    return 0;
}

int ossicle_push_floats(struct ossicle *o, const float *samples, uint32_t count)
{
    uint32_t i;
    for (i = 0; i < count; i++)
        if (push_sample(o, samples[i]) != 0) return -1;
    return 0;
}

/* Adds a feature to the chains of all classes. */
static void push_feature(struct ossicle *o, uint32_t index, float f)
{
    float *chains = o->work.classification.chains, *scores = o->work.classification.scores;
    uint32_t k;
    for (k = 0; k < OSSICLE_CLASSES; k++)
        chains[k] = fused(class_weights[index * OSSICLE_CLASSES + k], f, chains[k]);
    if ((index + 1) % BLOCK != 0 && index + 1 < OSSICLE_INPUTS) return;
    for (k = 0; k < OSSICLE_CLASSES; k++) {
        scores[k] = index < BLOCK ? chains[k] : scores[k] + chains[k];
        chains[k] = 0.0f;
    }
}

#if defined(OSSICLE_POOLED)

#define MIN_FRAMES OSSICLE_WIDTH
#define OF_TREE (OSSICLE_LEVELS == 0 ? 1 : OSSICLE_LEVELS)

/* Adds the activation of a feature in a window to its partial sums. The window is the first, or the last, of the running
   sum that is leaf k of the tree. */
static void add_activation(float *sums, uint32_t k, int is_first, int is_last, float a)
{
    uint32_t closed = 0;
    if (!is_first) a += sums[OF_TREE];
    if (!is_last) {
        sums[OF_TREE] = a;
        return;
    }
    for (; (k >> closed & 1) != 0; closed++) a += sums[closed];
    sums[closed < OF_TREE ? closed : OF_TREE - 1] = a;
}

/* The features of all encoders but the last in window t. Returns those that the last encoder reads. */
static const float *hidden_features(struct ossicle *o, uint32_t t, float level)
{
    const float *frames = o->log_mel + t * OSSICLE_STEP * OSSICLE_BANDS;
    float *window = o->work.classification.window, *inputs = o->work.classification.hidden;
    uint32_t i, n;
    for (i = 0; i < OSSICLE_WINDOW; i++) window[i] = (frames[i] - level) - mean[i];
    for (i = 0; i < OSSICLE_COMPONENTS; i++)
        inputs[i] = chain(basis + i * OSSICLE_WINDOW, window, OSSICLE_WINDOW); /* (PW.1) */
    for (n = 0; n + 1 < OSSICLE_LAYERS; n++) {
        for (i = 0; i < units[n + 1]; i++)
            inputs[units[n] + i] =
                sigmoid(chain(weights[n] + i * units[n], inputs, units[n]) + biases[n][i]); /* (PW.2) */
        inputs += units[n];
    }
    return inputs;
}

/* Features of windows, averaged over regions of time. */
static void features(struct ossicle *o)
{
    const uint32_t n = 1 + (o->frames - OSSICLE_WIDTH) / OSSICLE_STEP, last = OSSICLE_LAYERS - 1;
    const float level =
        sum(o->log_mel, o->frames * OSSICLE_BANDS, itself, 0) / (float)(o->frames * OSSICLE_BANDS);
    float *sums = o->work.classification.sums;
    uint32_t r, start, k, bit, t, i, pooled = 0;
    for (r = 0; r < OSSICLE_REGIONS; r++) {
        const uint32_t from = r * n / OSSICLE_REGIONS;
        const uint32_t count = ((r + 1) * n + OSSICLE_REGIONS - 1) / OSSICLE_REGIONS - from;
        for (start = 0; start < count; start += 4096) {
            const uint32_t length = count - start < 4096 ? count - start : 4096;
            for (k = 0; k < 1u << OSSICLE_LEVELS; k++) {
                uint32_t first = 0; /* (PW.4) */
                for (bit = 1; bit <= OSSICLE_LEVELS; bit++) first = first << 1 | (k >> (bit - 1) & 1);
                if (first >= length)
                    for (i = 0; i < OSSICLE_FEATURES; i++) add_activation(sums + i * OSSICLE_SUMS, k, 1, 1, 0.0f);
                for (t = first; t < length; t += 32) {
                    const float *inputs = hidden_features(o, from + start + t, level);
                    for (i = 0; i < OSSICLE_FEATURES; i++) {
                        float z = chain(weights[last] + i * units[last], inputs, units[last]) + biases[last][i];
                        add_activation(sums + i * OSSICLE_SUMS, k, t == first, t + 32 >= length, sigmoid(z));
                    }
                }
            }
            for (i = 0; i < OSSICLE_FEATURES && count > 4096; i++) {
                float *of_feature = sums + i * OSSICLE_SUMS, tree = of_feature[OF_TREE - 1];
                of_feature[OF_TREE + 1] = start == 0 ? tree : of_feature[OF_TREE + 1] + tree;
            }
        }
        for (i = 0; i < OSSICLE_FEATURES; i++, pooled++) {
            float total = sums[i * OSSICLE_SUMS + (count > 4096 ? OF_TREE + 1 : OF_TREE - 1)];
            push_feature(o, pooled, (total / (float)count - means[pooled]) / deviations[pooled]); /* (PW.3) */
        }
    }
}

#else

#define MIN_FRAMES 1

/* The square root, correctly rounded: x = m 2^e with an even e and a root of m of 25 bits, one more than the result has.
   The root is never a tie. */
static float square_root(float x)
{
    union { double number; uint64_t bits; } wide;
    uint64_t m, root = 0, bit;
    int32_t e;
    if (!(x > 0.0f) || !(x < of_bits(0x7f800000u))) return x < 0.0f ? of_bits(0x7fc00000u) : x;
    wide.number = (double)x;
    m = (wide.bits & 0xfffffffffffffu) >> 29 | 0x800000u;
    e = (int32_t)(wide.bits >> 52) - 1023 - 23 - 25;
    m <<= 25;
    if (e % 2 != 0) {
        m <<= 1;
        e -= 1;
    }
    for (bit = 1u << 24; bit != 0; bit >>= 1)
        if ((root | bit) * (root | bit) <= m) root |= bit;
    return (float)((root + 1) >> 1) * power_of_two((float)(e / 2 + 1));
}

/* Levels are clipped below, and standardized. */
static float clipped(float x, const struct levels *levels)
{
    x -= levels->level;
    return x < levels->least ? levels->least : x;
}

static float squared(float x, const struct levels *levels)
{
    float difference = clipped(x, levels) - levels->mean;
    return difference * difference;
}

static float standardized(float x, const struct levels *levels)
{
    float difference = clipped(x, levels) - levels->mean;
    return levels->deviation > 0.0f ? difference / levels->deviation : difference; /* (PV.1) */
}

/* The frames from the first to the last that is heard, and their levels. */
static struct levels levels_of(const float *x, uint32_t n)
{
    struct levels levels;
    float most = of_bits(0xff800000u);
    uint32_t i, last = n - 1;
    levels.level = sum(x, n, itself, 0) / (float)n;
    for (i = 0; i < n; i++)
        if (x[i] - levels.level > most) most = x[i] - levels.level;
    levels.least = most - RANGE;
    for (i = 0; i < n && x[i] - levels.level < levels.least; i++) {}
    while (last > i && x[last] - levels.level < levels.least) last--;
    levels.first = i < n ? i / OSSICLE_BANDS : 0;
    levels.count = last / OSSICLE_BANDS - levels.first + 1;
    x += levels.first * OSSICLE_BANDS;
    n = levels.count * OSSICLE_BANDS;
    levels.mean = sum(x, n, clipped, &levels) / (float)n;
    levels.deviation = square_root(sum(x, n, squared, &levels) / (float)n);
    return levels;
}

/* Linear interpolation: cell i of n among `count` cells over the same length. */
typedef struct { uint32_t low, high; float fraction; } interpolation;

static interpolation interpolate(uint32_t i, uint32_t n, uint32_t count)
{
    interpolation to;
    double position = ((double)i + 0.5) * (double)count / (double)n - 0.5;
    if (!(position < (double)(count - 1))) position = (double)(count - 1);
    if (!(position > 0.0)) position = 0.0;
    to.low = (uint32_t)position;
    to.high = to.low + 1 < count ? to.low + 1 : count - 1;
    to.fraction = (float)(position - (double)to.low);
    return to;
}

/* The value at a position of the bands in frame t. */
static float value_at(const struct ossicle *o, uint32_t t, interpolation band, const struct levels *levels)
{
    const float *frame = o->log_mel + (levels->first + t) * OSSICLE_BANDS;
    float low = standardized(frame[band.low], levels), high = standardized(frame[band.high], levels);
    return low + band.fraction * (high - low);
}

/* How often the pooling after a convolution halves a side of `length`. */
static uint32_t halvings(uint32_t length) { return length < 4 ? 0 : 1; }

/* Column j of the output of layer n, and the maxima in its column of y: in a ring, or in the maps that the softmax
   reads. */
static void convolve(struct ossicle *o, uint32_t n, uint32_t j, const float *x, float *y)
{
    const shape in = shapes[n], out = shapes[n + 1];
    const uint32_t down = halvings(in.rows), across = halvings(in.columns), taps = 9 * in.channels;
    const int is_last = n + 1 == OSSICLE_LAYERS;
    const uint32_t start = is_last ? j >> across : (j >> across) % 3 * (out.channels * out.rows);
    const uint32_t map = is_last ? out.rows * out.columns : out.rows, row = is_last ? out.columns : 1;
    float *patch = o->work.classification.patch;
    uint32_t i, k, tap;
    for (i = 0; i < out.rows << down; i++) {
        for (tap = 0; tap < taps; tap++) {
            /* Rows and columns from 1 on: 0, and one more than there are, are the zeros around the map. */
            const uint32_t c = tap / 9, from_row = i + tap / 3 % 3, from_column = j + tap % 3;
            const int is_inside = from_row > 0 && from_row <= in.rows && from_column > 0 && from_column <= in.columns;
            const uint32_t column = (from_column + 2) % 3 * (in.channels * in.rows);
            patch[tap] = is_inside ? x[column + c * in.rows + from_row - 1] : 0.0f;
        }
        for (k = 0; k < out.channels; k++) {
            float z = chain(weights[n] + k * taps, patch, taps) + biases[n][k]; /* (PV.3) */
            float a = z < 0.0f ? 0.0f : z, *to = y + start + k * map + (i >> down) * row;
            if (((i & down) == 0 && (j & across) == 0) || *to < a) *to = a; /* (PV.4) */
        }
    }
}

/* The pooled maps of a convolutional network. */
static void features(struct ossicle *o)
{
    const struct levels levels = levels_of(o->log_mel, o->frames * OSSICLE_BANDS);
    uint32_t arrived[OSSICLE_LAYERS + 1], next[OSSICLE_LAYERS], i, n;
    for (n = 0; n < OSSICLE_LAYERS; n++) arrived[n + 1] = next[n] = 0;
    arrived[0] = 0;
    for (;;) {
        float *x = o->work.classification.rings + OSSICLE_RINGS;
        /* The last layer that can continue: n - 1. */
        for (n = OSSICLE_LAYERS; n > 0; n--) {
            const shape in = shapes[n - 1];
            x -= 3 * in.channels * in.rows;
            if (next[n - 1] < shapes[n].columns << halvings(in.columns)
                && (arrived[n - 1] == in.columns || next[n - 1] + 2 <= arrived[n - 1])) break;
        }
        if (n > 0) {
            const shape in = shapes[n - 1];
            float *y = n == OSSICLE_LAYERS ? o->work.classification.maps : x + 3 * in.channels * in.rows;
            convolve(o, n - 1, next[n - 1], x, y);
            next[n - 1] += 1;
            if ((next[n - 1] & halvings(in.columns)) == 0) arrived[n] += 1;
        } else if (arrived[0] < OSSICLE_COLUMNS) {
            const interpolation time = interpolate(arrived[0], OSSICLE_COLUMNS, levels.count);
            x += arrived[0] % 3 * OSSICLE_ROWS;
            for (i = 0; i < OSSICLE_ROWS; i++) {
                const interpolation band = interpolate(i, OSSICLE_ROWS, OSSICLE_BANDS);
                float low = value_at(o, time.low, band, &levels), high = value_at(o, time.high, band, &levels);
                x[i] = low + time.fraction * (high - low) + 0.0f; /* (PV.2) */
            }
            arrived[0] += 1;
        } else {
            break;
        }
    }
    for (i = 0; i < OSSICLE_INPUTS; i++) push_feature(o, i, o->work.classification.maps[i]);
}

#endif

int ossicle_classify(struct ossicle *o)
{
    float *scores = o->work.classification.scores, top, log_sum;
    uint32_t k;
    int best = 0;
    if (o->frames < MIN_FRAMES) return -1;
    for (k = 0; k < OSSICLE_CLASSES; k++) o->work.classification.chains[k] = 0.0f;
    features(o);
    top = of_bits(0xff800000u);
    for (k = 0; k < OSSICLE_CLASSES; k++) {
        scores[k] += class_biases[k]; /* (PC.1) */
        if (scores[k] > top) top = scores[k];
    }
    log_sum = 0.0f;
    for (k = 0; k < OSSICLE_CLASSES; k++) log_sum += exponential(scores[k] - top);
    log_sum = logarithm(log_sum) + top;
    top = of_bits(0xff800000u);
    for (k = 0; k < OSSICLE_CLASSES; k++) {
        o->log_probabilities[k] = scores[k] - log_sum; /* (PC.2) */
        if (o->log_probabilities[k] > top) {
            top = o->log_probabilities[k];
            best = (int)k;
        }
    }
    return best;
}

int ossicle_self_test(struct ossicle *o)
{
    uint32_t k;
    ossicle_reset(o);
    if (ossicle_push_samples(o, ossicle_samples, OSSICLE_SAMPLES) != 0 || ossicle_classify(o) < 0) return 0;
    for (k = 0; k < OSSICLE_CLASSES; k++)
        if (bits_of(o->log_probabilities[k]) != expected[k]) return 0;
    return 1;
}
