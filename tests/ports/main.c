/* The exported predictor in C. Without an argument: its self-test. With one, a name: the label and the bits of ln p for the
   samples on standard input (f64), in a row that begins with the name. */
#include <stdio.h>
#include HEADER

static struct ossicle o;

int main(int count, char **words)
{
    double sample;
    unsigned k;
    int class;
    if (!ossicle_self_test(&o)) {
        puts("other bits");
        return 1;
    }
    if (count < 2) {
        puts("same bits");
        return 0;
    }
    ossicle_reset(&o);
    while (fread(&sample, sizeof sample, 1, stdin) == 1) {
        float x = (float)sample;
        ossicle_push_floats(&o, &x, 1);
    }
    class = ossicle_classify(&o);
    printf("%s\t%s", words[1], class < 0 ? "?" : ossicle_labels[class]);
    for (k = 0; k < OSSICLE_CLASSES; k++) {
        union { float number; uint32_t bits; } p;
        p.number = o.log_probabilities[k];
        printf("\t%08x", (unsigned)p.bits);
    }
    puts("");
    return 0;
}
