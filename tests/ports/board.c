/* The exported predictor in C on a Cortex-M4F without an operating system. It runs the self-test. If the emulator's command
   line names a file of samples (f64), it also prints the label and the bits of ln p for them, as main.c does. Files and output
   go through semihosting: the number of the operation in r0, the address of its parameters in r1. */
#include HEADER

static struct ossicle o;

static int semihost(int operation, const void *argument)
{
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static void print(const char *text)
{
    semihost(4, text);
}

/* The samples of the file at `path`, classified. */
static void classify_file(const char *path, uint32_t length)
{
    static double samples[256];
    const uint32_t open[3] = {(uint32_t)path, 1, length};
    const int file = semihost(1, open);
    unsigned k, n;
    int class;
    if (file < 0) {
        print("the file cannot be opened\n");
        return;
    }
    ossicle_reset(&o);
    do {
        /* The call returns the number of bytes that it did not read. */
        const uint32_t read[3] = {(uint32_t)file, (uint32_t)samples, sizeof samples};
        n = (sizeof samples - (uint32_t)semihost(6, read)) / sizeof samples[0];
        for (k = 0; k < n; k++) {
            float x = (float)samples[k];
            ossicle_push_floats(&o, &x, 1);
        }
    } while (n > 0);
    class = ossicle_classify(&o);
    print(class < 0 ? "?" : ossicle_labels[class]);
    for (k = 0; k < OSSICLE_CLASSES; k++) {
        union { float number; uint32_t bits; } p;
        char word[10] = "\t";
        int digit;
        p.number = o.log_probabilities[k];
        for (digit = 0; digit < 8; digit++) word[1 + digit] = "0123456789abcdef"[p.bits >> (28 - 4 * digit) & 15];
        print(word);
    }
    print("\n");
}

void reset(void);
void reset(void)
{
    /* The FPU is switched on before any float. */
    *(volatile uint32_t *)0xE000ED88 |= 0xf00000;
    __asm__ volatile("dsb\n\tisb");
    {
        static char line[1024];
        const uint32_t command_line[2] = {(uint32_t)line, sizeof line};
        const char *path = line;
        uint32_t length = 0;
        print(ossicle_self_test(&o) ? "same bits\n" : "other bits\n");
        /* The first word is the program's name. */
        if (semihost(0x15, command_line) == 0) {
            while (*path != 0 && *path != ' ') path++;
            while (*path == ' ') path++;
            while (path[length] != 0) length++;
        }
        if (length > 0) classify_file(path, length);
    }
    for (;;) semihost(0x18, (const void *)0x20026);
}

__attribute__((section(".vectors"), used)) static void (*const vectors[3])(void) = {reset, reset, reset};

/* The compiler copies structures with these. */
void *memcpy(void *to, const void *from, __SIZE_TYPE__ n);
void *memset(void *to, int byte, __SIZE_TYPE__ n);
void *memcpy(void *to, const void *from, __SIZE_TYPE__ n)
{
    char *a = to;
    const char *b = from;
    while (n-- > 0) *a++ = *b++;
    return to;
}
void *memset(void *to, int byte, __SIZE_TYPE__ n)
{
    char *a = to;
    while (n-- > 0) *a++ = (char)byte;
    return to;
}
