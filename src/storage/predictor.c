
/* Ossicle's predictor in C99, without a library and without an allocator. It does the same operations as the Rust source,
   in the same order, and therefore gives the same bits. Below: elementary functions; sums and products; the Fourier
   transform; the front end (samples to log-mel frames); classification (frames to log-probabilities).

   The files of the folder `predictor` of the Rust source explain the equations, and the labels (PX.1) to (PC.5) refer to
   them. The constants above belong to the model and to exp and ln.

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

/* 1/(1 + e^-x). */
static float sigmoid(float x)
{
    float size = -of_bits(bits_of(x) & 0x7fffffffu);
    float e = exp_in_range(EXP_LOW > size ? EXP_LOW : size, 1);
    return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}

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

/* The sum of n elements: in each chunk of 4096, 32 running sums, which are added as a tree. */
static float sum(const float *x, uint32_t n)
{
    float total = 0.0f;
    uint32_t start, i, width;
    for (start = 0; start < n; start += 4096) {
        float sums[32];
        uint32_t length = n - start < 4096 ? n - start : 4096;
        for (i = 0; i < 32; i++) sums[i] = 0.0f;
        for (i = 0; i < length; i++) sums[i % 32] += x[start + i];
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
    for (i = 0; i < OSSICLE_FRAME; i++) o->spectrum[i] = o->frame[i] * hann[i]; /* (PF.1) */
    powers = power(o->spectrum, o->work);
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

int ossicle_classify(struct ossicle *o)
{
    uint32_t n, r, t, i, k, pooled = 0;
    float level, top, log_sum;
    int best = 0;
    if (o->frames < OSSICLE_WIDTH) return -1;
    n = 1 + (o->frames - OSSICLE_WIDTH) / OSSICLE_STEP;
    level = sum(o->log_mel, o->frames * OSSICLE_BANDS) / (float)(o->frames * OSSICLE_BANDS);
    for (k = 0; k < OSSICLE_CLASSES; k++) o->chains[k] = 0.0f;
    for (r = 0; r < OSSICLE_REGIONS; r++) {
        uint32_t from = r * n / OSSICLE_REGIONS;
        uint32_t count = ((r + 1) * n + OSSICLE_REGIONS - 1) / OSSICLE_REGIONS - from;
        for (t = 0; t < count; t++) {
            const float *frames = o->log_mel + (from + t) * OSSICLE_STEP * OSSICLE_BANDS;
            for (i = 0; i < OSSICLE_WINDOW; i++) o->window[i] = (frames[i] - level) - mean[i];
            for (i = 0; i < OSSICLE_COMPONENTS; i++)
                o->white[t * OSSICLE_COMPONENTS + i] =
                    chain(basis + i * OSSICLE_WINDOW, o->window, OSSICLE_WINDOW); /* (PC.1) */
        }
        for (i = 0; i < OSSICLE_FEATURES; i++, pooled++) {
            float f;
            for (t = 0; t < count; t++)
                o->feature[t] = sigmoid(chain(weights + i * OSSICLE_COMPONENTS, o->white + t * OSSICLE_COMPONENTS,
                                              OSSICLE_COMPONENTS) + biases[i]); /* (PC.2) */
            f = (sum(o->feature, count) / (float)count - pooled_means[pooled]) / pooled_deviations[pooled]; /* (PC.3) */
            for (k = 0; k < OSSICLE_CLASSES; k++)
                o->chains[k] = fused(class_weights[pooled * OSSICLE_CLASSES + k], f, o->chains[k]);
            if ((pooled + 1) % BLOCK != 0 && pooled + 1 < OSSICLE_REGIONS * OSSICLE_FEATURES) continue;
            for (k = 0; k < OSSICLE_CLASSES; k++) {
                o->scores[k] = pooled < BLOCK ? o->chains[k] : o->scores[k] + o->chains[k];
                o->chains[k] = 0.0f;
            }
        }
    }
    top = of_bits(0xff800000u);
    for (k = 0; k < OSSICLE_CLASSES; k++) {
        o->scores[k] += class_biases[k]; /* (PC.4) */
        if (o->scores[k] > top) top = o->scores[k];
    }
    log_sum = 0.0f;
    for (k = 0; k < OSSICLE_CLASSES; k++) log_sum += exponential(o->scores[k] - top);
    log_sum = logarithm(log_sum) + top;
    top = of_bits(0xff800000u);
    for (k = 0; k < OSSICLE_CLASSES; k++) {
        o->log_probabilities[k] = o->scores[k] - log_sum; /* (PC.5) */
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
