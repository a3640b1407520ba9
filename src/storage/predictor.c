
/* The arithmetic must be that of IEEE 754, operation by operation. */
#if defined(__FAST_MATH__)
#error "-ffast-math changes the bits"
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0
#error "floats are computed with excess precision; on x86 use -msse2 -mfpmath=sse"
#endif
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__) && !defined(__STRICT_ANSI__)
#error "compile with -std=c99: GNU C joins products and sums unless it is told not to"
#endif

typedef union { float number; uint32_t bits; } single;

static float of_bits(uint32_t bits) { single x; x.bits = bits; return x.number; }
static uint32_t bits_of(float number) { single x; x.number = number; return x.bits; }

/* a*b + c, rounded once: by the processor, else by way of binary64, rounded to odd there (Boldo and Melquiond, 2008). */
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

/* e^x for x within EXP_LOW and EXP_HIGH: x = k ln 2 + r, e^x = 2^k e^r. */
static float exp_in_range(float x)
{
    float k = fused(x, PER_LN2, SHIFTER) - SHIFTER;
    float high = fused(k, -LN2_HIGH, x);
    float r = fused(k, -LN2_LOW, high);
    float lost = fused(k, -LN2_LOW, high - r);
    float series = exp_series[EXP_TERMS - 1], half;
    int i;
    for (i = EXP_TERMS - 2; i >= 0; i--) series = fused(series, r, exp_series[i]);
    half = (k * 0.5f + SHIFTER) - SHIFTER;
    return (1.0f + (r + fused(r * r, series, lost))) * power_of_two(half) * power_of_two(k - half);
}

static float exponential(float x)
{
    x = EXP_LOW > x ? EXP_LOW : x;
    return exp_in_range(EXP_HIGH < x ? EXP_HIGH : x);
}

/* 1/(1 + e^-x). */
static float sigmoid(float x)
{
    float size = -of_bits(bits_of(x) & 0x7fffffffu);
    float e = exp_in_range(EXP_LOW > size ? EXP_LOW : size);
    return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}

/* ln x: x = m 2^k with m around 1. */
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

/* A sum in 32 running sums over chunks of 4096, added as a tree. */
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

/* An element of a matrix product: chains of fused multiply-adds over blocks, the blocks' chains added. */
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

/* The power of a frame: |X_k|^2 in spectrum[k][0], and that of the highest frequency in spectrum[0][1]. */
static void power(float (*z)[2])
{
    const uint32_t half = OSSICLE_FRAME / 2;
    uint32_t i, j, k, size, bit;
    float re, im;
    for (i = 0; i < half; i++) {
        for (j = 0, k = i, bit = 1; bit < half; bit *= 2, k /= 2) j = 2 * j + k % 2;
        if (i < j) {
            re = z[i][0]; im = z[i][1];
            z[i][0] = z[j][0]; z[i][1] = z[j][1];
            z[j][0] = re; z[j][1] = im;
        }
    }
    for (size = 1; size < half; size *= 2) {
        for (i = 0; i < half; i += 2 * size) {
            for (k = 0; k < size; k++) {
                float *even = z[i + k], *odd = z[i + size + k];
                const float *w = turns[k * (half / size)];
                float tr = w[0] * odd[0] - w[1] * odd[1], ti = w[0] * odd[1] + w[1] * odd[0];
                odd[0] = even[0] - tr; odd[1] = even[1] - ti;
                even[0] = even[0] + tr; even[1] = even[1] + ti;
            }
        }
    }
    re = z[0][0]; im = z[0][1];
    z[0][0] = (re + im) * (re + im) + 0.0f;
    z[0][1] = (re - im) * (re - im) + 0.0f;
    for (k = 1; k < half / 2 + 1; k++) {
        float ar = z[k][0], ai = z[k][1], br = z[half - k][0], bi = z[half - k][1];
        float er = (ar + br) * 0.5f, ei = (ai - bi) * 0.5f, dr = (ai + bi) * 0.5f, di = (br - ar) * 0.5f;
        float tr = turns[k][0] * dr - turns[k][1] * di, ti = turns[k][0] * di + turns[k][1] * dr;
        z[half - k][0] = (er - tr) * (er - tr) + (ti - ei) * (ti - ei);
        z[k][0] = (er + tr) * (er + tr) + (ei + ti) * (ei + ti);
    }
}

void ossicle_forget(struct ossicle *o)
{
    o->filled = 0;
    o->frames = 0;
}

static int hear(struct ossicle *o, float sample)
{
    uint32_t i, b, weight = 0;
    o->frame[o->filled++] = sample;
    if (o->filled < OSSICLE_FRAME) return 0;
    if (o->frames == OSSICLE_MOST_FRAMES) {
        o->filled = OSSICLE_FRAME - 1; /* what is there can be told; what comes is lost */
        return -1;
    }
    for (i = 0; i < OSSICLE_FRAME / 2; i++) {
        o->spectrum[i][0] = o->frame[2 * i] * hann[2 * i];
        o->spectrum[i][1] = o->frame[2 * i + 1] * hann[2 * i + 1];
    }
    power(o->spectrum);
    for (b = 0; b < OSSICLE_BANDS; b++) {
        float in_band = 0.0f;
        for (i = bands[b][0]; i < (uint32_t)bands[b][0] + bands[b][1]; i++) {
            float p = i == OSSICLE_FRAME / 2 ? o->spectrum[0][1] : o->spectrum[i][0];
            in_band += band_weights[weight++] * p;
        }
        o->log_mel[o->frames * OSSICLE_BANDS + b] = logarithm(in_band + FLOOR);
    }
    o->frames += 1;
    for (i = OSSICLE_HOP; i < OSSICLE_FRAME; i++) o->frame[i - OSSICLE_HOP] = o->frame[i];
    o->filled = OSSICLE_FRAME - OSSICLE_HOP;
    return 0;
}

int ossicle_hear(struct ossicle *o, const int16_t *samples, uint32_t count)
{
    uint32_t i;
    for (i = 0; i < count; i++)
        if (hear(o, (float)samples[i] / 32768.0f) != 0) return -1;
    return 0;
}

int ossicle_hear_float(struct ossicle *o, const float *samples, uint32_t count)
{
    uint32_t i;
    for (i = 0; i < count; i++)
        if (hear(o, samples[i]) != 0) return -1;
    return 0;
}

int ossicle_tell(struct ossicle *o)
{
    uint32_t n, r, t, i, k, pooled = 0;
    float level, largest, log_sum;
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
                o->white[t * OSSICLE_COMPONENTS + i] = chain(basis + i * OSSICLE_WINDOW, o->window, OSSICLE_WINDOW);
        }
        for (i = 0; i < OSSICLE_FEATURES; i++, pooled++) {
            float f;
            for (t = 0; t < count; t++)
                o->feature[t] = sigmoid(chain(weights + i * OSSICLE_COMPONENTS, o->white + t * OSSICLE_COMPONENTS,
                                              OSSICLE_COMPONENTS) + biases[i]);
            f = (sum(o->feature, count) / (float)count - pooled_means[pooled]) / pooled_deviations[pooled];
            for (k = 0; k < OSSICLE_CLASSES; k++)
                o->chains[k] = fused(classes[pooled * OSSICLE_CLASSES + k], f, o->chains[k]);
            if ((pooled + 1) % BLOCK != 0 && pooled + 1 < OSSICLE_REGIONS * OSSICLE_FEATURES) continue;
            for (k = 0; k < OSSICLE_CLASSES; k++) {
                o->scores[k] = pooled < BLOCK ? o->chains[k] : o->scores[k] + o->chains[k];
                o->chains[k] = 0.0f;
            }
        }
    }
    largest = of_bits(0xff800000u);
    for (k = 0; k < OSSICLE_CLASSES; k++) {
        o->scores[k] += class_biases[k];
        if (o->scores[k] > largest) largest = o->scores[k];
    }
    log_sum = 0.0f;
    for (k = 0; k < OSSICLE_CLASSES; k++) log_sum += exponential(o->scores[k] - largest);
    log_sum = logarithm(log_sum) + largest;
    largest = of_bits(0xff800000u);
    for (k = 0; k < OSSICLE_CLASSES; k++) {
        o->log_probabilities[k] = o->scores[k] - log_sum;
        if (o->log_probabilities[k] > largest) {
            largest = o->log_probabilities[k];
            best = (int)k;
        }
    }
    return best;
}

int ossicle_self_test(struct ossicle *o)
{
    uint32_t k;
    ossicle_forget(o);
    if (ossicle_hear(o, ossicle_samples, OSSICLE_SAMPLES) != 0 || ossicle_tell(o) < 0) return 0;
    for (k = 0; k < OSSICLE_CLASSES; k++)
        if (bits_of(o->log_probabilities[k]) != expected[k]) return 0;
    return 1;
}
