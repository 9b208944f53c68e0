/* network.c: the text form, shapes, parts and blocks, initialisation, layer rows. */
#include "../curvnoise.h"
#include "test.h"
#include "nets.h"

static cn_ctx c;

static cn_net_info describe(const char *text) /* zeros when the text is refused */
{
    cn_net_info info;
    cn_net *net = cn_net_create(&c, text);
    info = cn_net_describe(net);
    cn_free(&c, net);
    return info;
}

static void refused(const char *text, int status, const char *words) {
    size_t before = c.bytes_now;
    test_case = text ? text : "NULL";
    CHECK(cn_net_create(&c, text) == NULL);
    CHECK_SENTENCE(&c, status, words);
    CHECK(c.bytes_now == before);
    cn_clear(&c);
}

/* Two texts of the same network: the same numbers everywhere. */
static void same(const char *text, const char *other) {
    scene a, b;
    cn_real f[2][8];
    test_case = other;
    scene_net(&a, text);
    scene_net(&b, other);
    CHECK_STATUS(b.c.status, CN_OK);
    CHECK(a.P == b.P && a.M == b.M && a.K == b.K && a.K <= 2);
    if (a.P == b.P && a.K == b.K && a.M == b.M && b.c.status == CN_OK) {
        scene_random(&a, 4, 1, 3);
        scene_random(&b, 4, 1, 3);
        scene_point(&a, NULL, 0);
        scene_point(&b, NULL, 0);
        cn_predict(a.p, a.theta, NULL, f[0]);
        cn_predict(b.p, b.theta, NULL, f[1]);
        CHECK(same_bits(4 * a.K, f[0], f[1]));
    }
    scene_free(&a);
    scene_free(&b);
}

static void grammar(void) {
    const char *plain = "input 3; dense 4; leaky 0.01; dense 2";
    same(plain, "input 3\ndense 4\nleaky\ndense 2\n");
    same(plain, "  input\t3 ;dense  4;;leaky;\n\n;dense 2 ; ");
    same(plain, "# a comment; dense 7\ninput 3 # of the data\r\ndense 4 # dense 9; relu\r\nleaky\r\n\tdense 2# end");
    same(plain, "input 3; dense out=4; leaky slope=0.01; dense bias=1 out=2");
    same(plain, "input 3; dense 4 bias=1; leaky 1e-2; dense 2 1");
    same(plain, "input +3; dense 4.0; leaky +.1e-1; dense 0.2e1");
    same(plain, "input 3 1 1; dense 4; leaky 0.01; dense 2");
    same("input 3; dense 4 bias=0; dense 2", "input 3; dense 4 0; dense 2");
}

static void infos(void) {
    cn_net_info i = describe("input 784; dense 50; relu; dense 10 bias=0");
    CHECK(i.inputs == 784 && i.outputs == 10 && i.params == 784 * 50 + 50 + 500 && i.state == 0 && i.size == i.params &&
          i.parts == 3);
    CHECK(i.macs == 784.0 * 50 + 500);
    i = describe("input 2 3 4; relu; softmax");
    CHECK(i.inputs == 24 && i.outputs == 24 && i.params == 0 && i.parts == 0 && i.macs == 0);
    i = describe("input 3; gain; dense 4; gain");
    CHECK(i.params == 3 + 16 + 4 && i.parts == 4 && i.macs == 12);
    i = cn_net_describe(NULL);
    CHECK(i.inputs == 0 && i.size == 0);
    CHECK_STATUS(c.status, CN_OK);
}

static void bad_text(void) {
    refused(NULL, CN_E_ARGUMENT, "text is missing");
    refused("", CN_E_TEXT, "empty");
    refused(" \n;; # only a comment", CN_E_TEXT, "empty");
    refused("input 3", CN_E_TEXT, "no layer");
    refused("dense 3", CN_E_TEXT, "first item must be 'input'; here it is 'dense'");
    refused("inputs 3; relu", CN_E_TEXT, "inputs");
    refused("input 3; input 3; dense 2", CN_E_TEXT, "item 0 'input'");
    refused("input; dense 2", CN_E_TEXT, "'input' takes one size");
    refused("input 3 3; dense 2", CN_E_TEXT, "here are 2");
    refused("input 3 3 3 3; dense 2", CN_E_TEXT, "one or three");
    refused("input three; dense 2", CN_E_TEXT, "'three'");
    refused("input 3x; dense 2", CN_E_TEXT, "'3x'");
    refused("input 0; dense 2", CN_E_TEXT, "'0'");
    refused("input -3; dense 2", CN_E_TEXT, "'-3'");
    refused("input 2.5; dense 2", CN_E_TEXT, "'2.5'");
    refused("input 1e300; dense 2", CN_E_TEXT, "'1e300'");
    refused("input nan; dense 2", CN_E_TEXT, "'nan'");
    refused("input 3.000000000000000000000000junk; dense 2", CN_E_TEXT, "input"); /* longer than any word */
    refused("input 4294967295 4294967295 4294967295; relu", CN_E_SIZE, "'input'");
    refused("input 3; frobnicate 3", CN_E_TEXT, "item 0 'frobnicate' is not a known layer");
    refused("input 3; dense 4; relu; Dense 2", CN_E_TEXT, "item 2 'Dense'");
    refused("input 3; dense,4", CN_E_TEXT, "item 0 'dense,4'");
    refused("input 3; dense", CN_E_TEXT, "item 0 'dense': 'out' is missing");
    refused("input 3; dense bias=0", CN_E_TEXT, "'out' is missing");
    refused("input 3; dense 4; relu; dense 2 1 7", CN_E_TEXT,
            "item 2 'dense' has no argument '7'; its arguments are: out bias=1");
    refused("input 3; relu 1", CN_E_TEXT, "item 0 'relu' has no argument '1'; its arguments are: none");
    refused("input 3; dense 4 bias=1 bias=0", CN_E_TEXT, "'bias' is given twice");
    refused("input 3; dense 4 out=5", CN_E_TEXT, "'out' is given twice");
    refused("input 3; dense 4 biased=0", CN_E_TEXT, "has no argument 'biased=0'");
    refused("input 3; dense 4 bia=0", CN_E_TEXT, "has no argument 'bia=0'");
    refused("input 3; dense 4 =0", CN_E_TEXT, "has no argument '=0'");
    refused("input 3; dense many", CN_E_TEXT, "'many' should be a number for 'out'");
    refused("input 3; dense 4 bias=", CN_E_TEXT, "should be a number for 'bias'");
    refused("input 3; dense 4 bias=yes", CN_E_TEXT, "'yes' should be a number for 'bias'");
    refused("input 3; dense 4x", CN_E_TEXT, "'4x'");
    refused("input 3; leaky 1e999", CN_E_TEXT, "slope");
    refused("input 3; leaky inf", CN_E_TEXT, "'inf'");
    refused("input 3; dense 0", CN_E_SHAPE, "item 0 'dense'");
    refused("input 3; dense -4", CN_E_SHAPE, "item 0 'dense'");
    refused("input 3; dense 4; dense 2.5", CN_E_SHAPE, "item 1 'dense'");
    refused("input 3; dense 4 bias=2", CN_E_SHAPE, "bias must be 0 or 1");
    refused("input 3; dense 4 bias=0.5", CN_E_SHAPE, "bias must be 0 or 1");
    refused("input 3 2 2; dense 4", CN_E_SHAPE, "flatten");
    refused("input 1 1 2; relu; dense 4", CN_E_SHAPE, "item 1 'dense'");
    refused("input 4294967295; dense 4294967295", CN_E_SIZE, "item 0 'dense'");
    refused("input 4000000000; dense 100000000; dense 100000000", CN_E_SIZE, "'dense'");
    refused("input 4294967295; dense 4294967295; relu; dense 4294967295", CN_E_SIZE, "item");
    refused("input 3; a_word_of_some_length_that_no_layer_has_and_no_buffer_holds_0123456789", CN_E_TEXT,
            "item 0 'a_word_of_some_length");
    /* longer than any word */
    refused("input 3; dense 4.00000000000000000000000000000", CN_E_TEXT, "should be a number for 'out'");
    refused("input 3; dense a_name_that_is_longer_than_any_word_may_be=3", CN_E_TEXT, "item 0 'dense'");
    CHECK(cn_net_create(NULL, "input 3; relu") == NULL);
    { /* many items, and a long line of nothing */
        static char text[20000];
        int i;
        strcpy(text, "input 2");
        for (i = 0; i < 1000; i++) strcat(text + strlen(text), "; dense 2");
        test_case = "1000 layers";
        CHECK(describe(text).params == 6000);
        memset(text, ';', sizeof text - 1);
        refused(text, CN_E_TEXT, "empty");
        memset(text, 'x', sizeof text - 1);
        refused(text, CN_E_TEXT, "first item");
    }
}

static void parts_and_blocks(void) {
    static const struct {
        const char *name;
        size_t first, count;
        int dims;
    } wanted[] = {{"0.weight", 0, 12, 2}, {"0.bias", 12, 4, 1}, {"2.weight", 16, 4, 1}, {"3.weight", 20, 8, 2}};
    static const char *const unknown[] = {"1",      "1.weight", "4",  "3.bias", "0.", "0.weigh",      "0.weightx",
                                          "weight", "",         "00", " 0",     "-1", "0.bias.weight"};
    cn_net *net = cn_net_create(&c, "input 3; dense 4; relu; gain; dense 2 bias=0");
    size_t i;
    cn_part part;
    cn_block b;
    cn_real theta[28];
    CHECK(net != NULL && cn_net_describe(net).parts == 4);
    for (i = 0; i < 4; i++) {
        CHECK_STATUS(cn_net_part(net, theta, i, &part), CN_OK);
        CHECK(strcmp(part.name, wanted[i].name) == 0 && part.block.first == wanted[i].first &&
              part.block.count == wanted[i].count);
        CHECK(part.value.data == theta + wanted[i].first && part.value.dims == wanted[i].dims &&
              cn_count(part.value) == wanted[i].count && part.value.type == CN_TYPE_REAL);
        b = cn_net_block(&c, net, wanted[i].name);
        CHECK(b.first == wanted[i].first && b.count == wanted[i].count);
    }
    CHECK_STATUS(cn_net_part(net, NULL, 0, &part), CN_OK); /* shapes only: [out][in] */
    CHECK(part.value.data == NULL && part.value.shape[0] == 4 && part.value.shape[1] == 3);
    b = cn_net_block(&c, net, "0");
    CHECK(b.first == 0 && b.count == 16);
    b = cn_net_block(&c, net, "2");
    CHECK(b.first == 16 && b.count == 4);
    b = cn_net_block(&c, net, "3");
    CHECK(b.first == 20 && b.count == 8);
    CHECK_STATUS(cn_net_part(net, theta, 4, &part), CN_E_ARGUMENT);
    CHECK_STATUS(cn_net_part(net, theta, (size_t)-1, &part), CN_E_ARGUMENT);
    CHECK_STATUS(cn_net_part(NULL, theta, 0, &part), CN_E_ARGUMENT);
    CHECK_STATUS(cn_net_part(net, theta, 0, NULL), CN_E_ARGUMENT);
    for (i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        test_case = unknown[i][0] ? unknown[i] : "(empty name)";
        b = cn_net_block(&c, net, unknown[i]);
        CHECK_SENTENCE(&c, CN_E_ARGUMENT, unknown[i]);
        cn_clear(&c);
        CHECK(b.count == 0 && b.first != 0); /* never "all" */
    }
    b = cn_net_block(&c, net, NULL);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "NULL");
    cn_clear(&c);
    cn_free(&c, net);
    { /* two digits; and every call refuses the unknown block */
        scene s;
        cn_real *v;
        cn_tic_desc t = CN_ZERO;
        cn_noise_desc n = CN_ZERO;
        test_case = "an unknown block";
        scene_net(&s, "input 2; relu; relu; relu; relu; relu; relu; relu; relu; relu; relu; dense 2; relu; dense 2");
        b = cn_net_block(&s.c, s.net, "10.bias");
        CHECK(b.first == 4 && b.count == 2);
        b = cn_net_block(&s.c, s.net, "12");
        CHECK(b.first == 6 && b.count == 6);
        b = cn_net_block(&s.c, s.net, "1"); /* not a prefix of 10 */
        CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "'1'");
        cn_clear(&s.c);
        scene_random(&s, 4, 1, 3);
        scene_point(&s, NULL, 0);
        v = cn_vector(&s.c, 100);
        CHECK(cn_op_of(s.at, CN_OP_GAUSS_NEWTON, b) == NULL);
        CHECK_STATUS(s.c.status, CN_E_ARGUMENT);
        cn_clear(&s.c);
        CHECK_STATUS(cn_jv(s.at, b, 1, v, v + 50), CN_E_ARGUMENT);
        cn_clear(&s.c);
        CHECK_STATUS(cn_jtu(s.at, b, 1, v, v + 50), CN_E_ARGUMENT);
        cn_clear(&s.c);
        t.block = b;
        n.block = b;
        n.sd = 1;
        CHECK_STATUS(cn_tic(s.at, &t).status, CN_E_ARGUMENT);
        cn_clear(&s.c);
        CHECK_STATUS(cn_tpv(s.at, &n, NULL).status, CN_E_ARGUMENT);
        cn_clear(&s.c);
        scene_free(&s);
    }
    CHECK(cn_net_block(NULL, NULL, "0").count == 0 && cn_net_block(&c, NULL, "0").first != 0);
    CHECK_STATUS(c.status, CN_OK);
}

/* ---- initialisation: mean 0 and variance within 4 standard errors; sd of a sample variance: v sqrt((kurtosis -
   1)/n) */

static void check_spread(size_t n, const cn_real *w, double variance, double kurtosis, double bound) {
    double mean = 0, square = 0;
    size_t i;
    for (i = 0; i < n; i++) {
        mean += (double)w[i] / (double)n;
        square += (double)w[i] * (double)w[i] / (double)n;
    }
    CHECK_NEAR(mean, 0, 4 * sqrt(variance / (double)n));
    CHECK_NEAR(square, variance, 4 * variance * sqrt((kurtosis - 1) / (double)n));
    if (bound > 0) CHECK(most_of(n, w) <= bound && most_of(n, w) > 0.99 * bound); /* uniform */
}

static void initialisation(void) {
    enum { IN = 150, HIDDEN = 100, OUT = 50 };
    static const char *const he[] = {"relu", "leaky", "gelu", "silu"}, *const glorot[] = {"tanh",     "sigmoid",
                                                                                          "softplus", "softmax",
                                                                                          "sine",     "gain"};
    char text[100];
    scene s;
    size_t i, W = IN * HIDDEN;
    cn_real *second;
    double two = 2.0 / IN, both = 2.0 / (IN + HIDDEN), normal = 3, uniform = 1.8;
    for (i = 0; i < 4; i++) {
        sprintf(text, "input 150; dense 100; %s; dense 50", he[i]);
        test_case = he[i];
        scene_net(&s, text);
        CHECK_STATUS(cn_net_init(s.net, CN_INIT_AUTO, 3, s.theta), CN_OK);
        check_spread(W, s.theta, two, normal, 0);
        /* nothing after it: Glorot */
        check_spread(HIDDEN * OUT, s.theta + W + HIDDEN, 2.0 / (HIDDEN + OUT), uniform, sqrt(6.0 / (HIDDEN + OUT)));
        CHECK(most_of(HIDDEN, s.theta + W) == 0); /* no bias */
        scene_free(&s);
    }
    for (i = 0; i < 6; i++) {
        sprintf(text, "input 150; dense 100; %s; dense 50 bias=0", glorot[i]);
        test_case = glorot[i];
        scene_net(&s, text);
        CHECK_STATUS(cn_net_init(s.net, CN_INIT_AUTO, 4, s.theta), CN_OK);
        check_spread(W, s.theta, both, uniform, sqrt(3 * both));
        CHECK(most_of(HIDDEN, s.theta + W) == 0);
        /* scales start at 1 */
        if (i == 5) {
            size_t j;
            for (j = 0; j < HIDDEN; j++) CHECK(s.theta[W + HIDDEN + j] == 1);
        }
        scene_free(&s);
    }
    test_case = "schemes";
    scene_net(&s, "input 150; dense 100; tanh; dense 50 bias=0");
    second = cn_vector(&s.c, s.P);
    cn_net_init(s.net, CN_INIT_HE, 5, s.theta);
    check_spread(W, s.theta, two, normal, 0);
    cn_net_init(s.net, CN_INIT_GLOROT, 5, s.theta);
    check_spread(W, s.theta, both, uniform, sqrt(3 * both));
    cn_net_init(s.net, CN_INIT_TORCH, 5, s.theta); /* weight and bias uniform within 1/sqrt(in) */
    check_spread(W, s.theta, 1.0 / 3 / IN, uniform, 1 / sqrt((double)IN));
    check_spread(HIDDEN, s.theta + W, 1.0 / 3 / IN, uniform, 0);
    CHECK(most_of(HIDDEN, s.theta + W) <= 1 / sqrt((double)IN) &&
          most_of(HIDDEN, s.theta + W) > 0.9 / sqrt((double)IN));
    check_spread(HIDDEN * OUT, s.theta + W + HIDDEN, 1.0 / 3 / HIDDEN, uniform, 1 / sqrt((double)HIDDEN));
    for (i = 0; i < s.P; i++) second[i] = 7; /* whatever was there, the seed decides */
    cn_net_init(s.net, CN_INIT_TORCH, 5, second);
    CHECK(same_bits(s.P, s.theta, second));
    cn_net_init(s.net, CN_INIT_TORCH, 6, second);
    CHECK(!same_bits(s.P, s.theta, second));
    { /* layers and biases do not repeat each other's numbers */
        double dot = dot_of(HIDDEN * OUT, s.theta, s.theta + W + HIDDEN),
               size = norm_of(HIDDEN * OUT, s.theta) * norm_of(HIDDEN * OUT, s.theta + W + HIDDEN);
        /* correlation of 5000 independent numbers: 1/sqrt(5000) */
        CHECK(fabs(dot) < 4 * size / sqrt((double)HIDDEN * OUT));
    }
    CHECK_STATUS(cn_net_init(s.net, 4, 5, s.theta), CN_E_ARGUMENT);
    CHECK_STATUS(cn_net_init(s.net, -1, 5, s.theta), CN_E_ARGUMENT);
    CHECK_STATUS(cn_net_init(s.net, 0, 5, NULL), CN_E_ARGUMENT);
    CHECK_STATUS(cn_net_init(NULL, 0, 5, s.theta), CN_E_ARGUMENT);
    scene_free(&s);
}

/* What each scheme writes: the published stream with the law's standard deviation; fixed values from
   golden_random.py's stream (seed 1, CN_FOR_INIT 0). */
static void schemes(void) {
    /* items with weights: place of the weights, how many, fan_in, fan_out, biases after them, number of the item */
    static const struct {
        const char *text;
        struct {
            size_t at, weights, in, out, biases, item;
        } layer[2];
    } nets[] = {{"input 3; dense 5; tanh; dense 2 bias=0", {{0, 15, 3, 5, 5, 0}, {20, 10, 5, 2, 0, 2}}},
                {"input 4 5 5; conv 6 3 groups=2; dropout 0.1; conv 2 2 pad=1",
                 {{0, 108, 18, 54, 6, 0}, {114, 48, 24, 8, 2, 2}}}};
    cn_real want[200];
    int scheme;
    size_t n, l, i;
    for (n = 0; n < 2; n++)
        for (scheme = CN_INIT_HE; scheme <= CN_INIT_TORCH; scheme++) {
            scene s;
            scene_net(&s, nets[n].text);
            CHECK_STATUS(cn_net_init(s.net, scheme, 1, s.theta), CN_OK);
            memset(want, 0, sizeof want);
            for (l = 0; l < 2; l++) {
                double in = (double)nets[n].layer[l].in, out = (double)nets[n].layer[l].out,
                       sd = sqrt(scheme == CN_INIT_HE       ? 2 / in
                                 : scheme == CN_INIT_GLOROT ? 2 / (in + out)
                                                            : 1 / (3 * in));
                size_t at = nets[n].layer[l].at, weights = nets[n].layer[l].weights;
                uint64_t stream = cn_stream(CN_FOR_INIT, 2 * nets[n].layer[l].item);
                cn_random(1, stream, 0, scheme == CN_INIT_HE ? CN_NOISE_NORMAL : CN_NOISE_UNIFORM, sd, weights,
                          want + at);
                if (scheme == CN_INIT_TORCH)
                    cn_random(1, stream + 1, 0, CN_NOISE_UNIFORM, sd, nets[n].layer[l].biases, want + at + weights);
            }
            for (i = 0; i < s.P; i++) CHECK_NEAR(s.theta[i], want[i], 4 * TEST_EPS); /* sd by another root */
            if (scheme == CN_INIT_GLOROT && n == 0) /* sqrt(2/(3 + 5)) = 1/2 of uniforms of variance 1 */
            {
                CHECK_NEAR(s.theta[0], 0.16613416707896506 / 2, TEST_EPS);
                CHECK_NEAR(s.theta[1], 1.6640759479656297 / 2, TEST_EPS);
            }
            scene_free(&s);
        }
}

/* AUTO goes by the next activation, whatever stands between. */
static void automatic(void) {
    static const struct {
        const char *text;
        int he;
    } nets[] = {{"dense 4; relu", 1},
                {"dense 4; tanh; dense 4; relu", 0},
                {"dense 4; dense 4; relu", 0},
                {"dense 4", 0},
                {"dense 4; batchnorm; relu", 1},
                {"dense 4; dropout 0.5; silu", 1},
                {"dense 4; dropout 0.5; batchnorm; flatten; sigmoid; relu", 0},
                {"conv 2 3 pad=1; batchnorm; relu", 1},
                {"conv 2 3 pad=1; maxpool 2; leaky 0.1", 1},
                {"conv 2 3 pad=1; avgpool 2; gelu", 1},
                {"conv 2 3 pad=1; gap; relu", 1},
                {"conv 2 3 pad=1; batchnorm; maxpool 2; flatten; dropout 0.2; relu", 1},
                {"conv 2 3 pad=1; maxpool 2; flatten; dense 4; relu", 0},
                {"conv 2 3 pad=1; residual { batchnorm; relu; conv 2 3 pad=1 }", 1},
                {"conv 2 3 pad=1; residual { conv 2 3 pad=1 }; relu", 1},
                {"conv 2 3 pad=1; residual { tanh; conv 2 3 pad=1 }; relu", 0},
                {"conv 2 3 pad=1; residual { conv 2 3 pad=1 } skip { relu }; tanh", 1},
                {"residual { conv 4 3 pad=1; batchnorm }; batchnorm; relu", 1},
                {"residual { conv 4 3 pad=1; batchnorm }; batchnorm; tanh", 0},
                {"residual { residual { conv 4 1 } skip { relu } } skip { tanh }; leaky 0.1", 1},
                {"residual { relu; conv 4 3 pad=1 } skip { conv 4 1 }; gelu", 1},
                {"conv 2 3 pad=1; sine; relu", 0}};
    size_t n, i;
    for (n = 0; n < sizeof nets / sizeof *nets; n++) {
        char text[200];
        scene s;
        cn_part part;
        cn_real *other;
        test_case = nets[n].text;
        sprintf(text, "input %s; %s", strstr(nets[n].text, "conv") ? "4 6 6" : "4", nets[n].text);
        scene_net(&s, text);
        other = cn_vector(&s.c, s.size);
        cn_net_init(s.net, CN_INIT_AUTO, 3, s.theta);
        cn_net_init(s.net, nets[n].he ? CN_INIT_HE : CN_INIT_GLOROT, 3, other);
        for (i = 0; cn_net_part(s.net, NULL, i, &part) == CN_OK && part.value.dims < 2; i++) {
        }
        CHECK_STATUS(s.c.status, CN_OK);
        CHECK(same_bits(part.block.count, s.theta + part.block.first, other + part.block.first));
        scene_free(&s);
    }
}

/* A caller's activation says by its row what AUTO does. */
static void automatic_rows(void) {
    cn_layer row = own_rows[0];
    int he;
    for (he = 0; he < 2; he++) {
        scene s;
        cn_real *other;
        row.he = he;
        scene_net_rows(&s, "input 3; dense 4; sine", &row, 1);
        other = cn_vector(&s.c, s.size);
        CHECK_STATUS(cn_net_init(s.net, CN_INIT_AUTO, 3, s.theta), CN_OK);
        CHECK_STATUS(cn_net_init(s.net, he ? CN_INIT_HE : CN_INIT_GLOROT, 3, other), CN_OK);
        CHECK(same_bits(s.size, s.theta, other));
        scene_free(&s);
    }
}

/* A network that threads share: calls on it alone neither write nor heed the context it was made with. That one belongs
   to another thread, which may be in the midst of a call, of a dry run or of an error. */
static void shared(void) {
    scene s;
    cn_ctx before;
    cn_part part;
    cn_item_info item;
    cn_real *theta;
    char text[100];
    unsigned char file[2000];
    size_t bytes;
    int state;
    scene_net(&s, "input 3; dense 4; batchnorm; dense 2");
    theta = cn_vector(&s.c, s.size);
    for (state = 0; state < 3; state++) {
        cn_clear(&s.c);
        s.c.dry = state == 1;
        if (state == 2) CHECK(cn_net_create(&s.c, "nonsense") == NULL);
        memcpy(&before, &s.c, sizeof before);
        memset(theta, 0, s.size * sizeof *theta);
        CHECK_STATUS(cn_net_init(s.net, CN_INIT_AUTO, 5, theta), CN_OK);
        CHECK(norm_of(s.P, theta) > 0);
        CHECK_STATUS(cn_net_init(s.net, 77, 5, theta), CN_E_ARGUMENT);
        CHECK_STATUS(cn_net_init(s.net, CN_INIT_AUTO, 5, NULL), CN_E_ARGUMENT);
        CHECK_STATUS(cn_net_part(s.net, theta, 0, &part), CN_OK);
        CHECK_STATUS(cn_net_part(s.net, theta, 99, &part), CN_E_ARGUMENT);
        CHECK_STATUS(cn_net_item(s.net, 0, &item), CN_OK);
        CHECK_STATUS(cn_net_item(s.net, 99, &item), CN_E_ARGUMENT);
        CHECK(cn_net_describe(s.net).size == s.size);
        CHECK(cn_net_text(s.net, text, sizeof text) == strlen("input 3; dense 4; batchnorm; dense 2"));
        CHECK(strcmp(text, "input 3; dense 4; batchnorm; dense 2") == 0);
#ifndef CN_NO_FILES
        bytes = cn_theta_write(s.net, theta, file, sizeof file);
        CHECK(bytes > 0 && bytes <= sizeof file && file[8] == '{');
        memset(file, 0, sizeof file);
#endif
        CHECK(memcmp(&before, &s.c, sizeof before) == 0);
    }
    s.c.dry = 0;
    scene_free(&s);
}

/* ---- rows */

static double row_value(const cn_layer *row, double arg, double x, int which) {
    cn_real in = (cn_real)x, f, f1, f2;
    double args[8] = {0};
    args[0] = arg;
    row->pointwise(args, 1, &in, &f, &f1, &f2);
    return (double)(which == 0 ? f : which == 1 ? f1 : f2);
}

/* The built-in pointwise rows against their definitions; f' and f'' by the derivatives written out. */
static void pointwise_rows(void) {
    static const double x[] = {-30, -3, -1, -0.125, 0.25, 1, 2.5, 30};
    size_t count, r, i;
    const cn_layer *rows = cn_layers(&count);
    double sq = sqrt(2 / (4 * atan(1.0)));
    CHECK(count >= 9 && cn_layers(NULL) == rows);
    for (r = 0; r < count; r++) {
        const char *n = rows[r].name;
        test_case = n;
        if (!rows[r].pointwise) continue;
        for (i = 0; i < sizeof x / sizeof *x; i++) {
            double v = x[i], e = exp(-v), s = 1 / (1 + e), w[3], t = tanh(v), Phi = 0.5 * erfc(-v / sqrt(2.0)),
                   phi = 0.5 * sq * exp(-v * v / 2), size;
            int d;
            if (!strcmp(n, "relu")) {
                w[0] = v > 0 ? v : 0;
                w[1] = v > 0;
                w[2] = 0;
            } else if (!strcmp(n, "leaky")) {
                w[0] = v > 0 ? v : 0.2 * v;
                w[1] = v > 0 ? 1 : 0.2;
                w[2] = 0;
            } else if (!strcmp(n, "tanh")) {
                w[0] = t;
                w[1] = 1 / cosh(v) / cosh(v);
                w[2] = -2 * t * w[1];
            } else if (!strcmp(n, "sigmoid")) {
                w[0] = s;
                w[1] = e * s * s;
                w[2] = e * s * s * (1 - 2 * s);
            } else if (!strcmp(n, "softplus")) {
                w[0] = log1p(exp(v));
                w[1] = s;
                w[2] = e * s * s;
            } else if (!strcmp(n, "silu")) {
                w[0] = v * s;
                w[1] = s + v * e * s * s;
                w[2] = 2 * e * s * s + v * e * s * s * (1 - 2 * s);
            } else if (!strcmp(n, "gelu")) {
                w[0] = v * Phi;
                w[1] = Phi + v * phi;
                w[2] = phi * (2 - v * v);
            } else {
                CHECK(0);
                printf("       the row '%s' has no definition here\n", n);
                break;
            }
            for (d = 0; d < 3; d++) {
                size = fmax(1, fabs(v)); /* 1 - t*t loses t's eps; s(1-s) times v likewise */
                CHECK_NEAR(row_value(rows + r, 0.2, v, d), w[d], 8 * TEST_EPS * size * size);
            }
        }
        CHECK(row_value(rows + r, 0.2, 1e4, 0) <= 1e4 && row_value(rows + r, 0.2, 1e4, 0) > 0); /* far out: finite */
        CHECK(fabs(row_value(rows + r, 0.2, -1e4, 0)) <= 2000 && fabs(row_value(rows + r, 0.2, -1e4, 1)) <= 1 &&
              fabs(row_value(rows + r, 0.2, -1e4, 2)) <= 1);
        { /* each output may be missing */
            cn_real in = 1, f = 9, f1 = 9;
            double args[8] = {0.2};
            rows[r].pointwise(args, 1, &in, &f, NULL, NULL);
            rows[r].pointwise(args, 1, &in, NULL, &f1, NULL);
            CHECK((double)f == row_value(rows + r, 0.2, 1, 0) && (double)f1 == row_value(rows + r, 0.2, 1, 1));
        }
    }
    for (r = 0; r < count; r++) { /* conventions: relu'(0) = 0, leaky'(0) = its slope */
        if (!strcmp(rows[r].name, "relu")) CHECK(row_value(rows + r, 0, 0, 1) == 0);
        if (!strcmp(rows[r].name, "leaky")) CHECK(row_value(rows + r, 0.2, 0, 1) == (double)(cn_real)0.2);
    }
}

static void softmax_row(void) {
    scene s;
    cn_real f[6];
    static const double x[6] = {1, 2, 0, -1e4, 1e4, 9999};
    size_t i;
    scene_net(&s, "input 3; softmax");
    s.n = 2;
    s.x = scene_reals(&s, 6, x);
    s.label = scene_labels(&s, 2);
    scene_view(&s);
    scene_point(&s, NULL, 0);
    cn_predict(s.p, s.theta, NULL, f);
    for (i = 0; i < 3; i++) CHECK_NEAR(f[i], exp(x[i]) / (exp(1.0) + exp(2.0) + 1), 4 * TEST_EPS);
    CHECK(f[3] == 0);
    CHECK_NEAR(f[4], 1 / (1 + exp(-1.0)), 4 * TEST_EPS);
    CHECK_NEAR(f[5], 1 / (1 + exp(1.0)), 4 * TEST_EPS);
    scene_free(&s);
}

/* The caller's rows come before the built-in ones. (That their kernels are right and rightly called: derivatives.c.) */
static void own_rows_first(void) {
    scene s;
    cn_real f[4];
    static const double x[4] = {0.5, -1, 2, 3};
    size_t i;
    scene_net(&s, "input 2; sine; gain"); /* w = 1 by default */
    s.n = 2;
    s.x = scene_reals(&s, 4, x);
    s.label = scene_labels(&s, 2);
    scene_view(&s);
    s.theta[0] = 2;
    s.theta[1] = -3;
    scene_point(&s, NULL, 0);
    cn_predict(s.p, s.theta, NULL, f);
    for (i = 0; i < 4; i++) CHECK_NEAR(f[i], (i % 2 ? -3 : 2) * sin(x[i]), 4 * TEST_EPS * 3);
    s.c.layer_count = OWN_ALL; /* now with a `gelu` of our own, y = 3 x */
    cn_predict(cn_problem_create(&s.c, cn_net_create(&s.c, "input 2; gelu"), &s.data, NULL), s.theta, NULL, f);
    for (i = 0; i < 4; i++) CHECK(f[i] == 3 * s.x[i]);
    CHECK_STATUS(s.c.status, CN_OK);
    CHECK(cn_net_create(&s.c, "input 2; sine v=2") == NULL);
    CHECK_SENTENCE(&s.c, CN_E_TEXT, "item 0 'sine' has no argument 'v=2'; its arguments are: w=1");
    cn_clear(&s.c);
    s.c.layers = NULL;
    s.c.layer_count = 0;
    CHECK(cn_net_create(&s.c, "input 2; sine") == NULL);
    CHECK_SENTENCE(&s.c, CN_E_TEXT, "'sine' is not a known layer");
    scene_free(&s);
}

/* Items as cn_net_item tells them: a residual with a skip, nested items, ranges, where each input comes from. */
static void items(void) {
    static const char text[] = "input 2 4 4; conv 3 3 pad=1; batchnorm; residual { conv 4 1; relu } skip { conv 4 1 }; "
                               "flatten; dense 2";
    static const char *const names[] = {"0", "1", "2.body.0", "2.body.1", "2.skip.0", "2", "3", "4"};
    static const int branches[] = {0, 0, CN_BRANCH_BODY, CN_BRANCH_BODY, CN_BRANCH_SKIP, 0, 0, 0};
    static const size_t from[] = {CN_INPUT, 0, 1, 2, 1, 3, 5, 6};
    cn_net *net = cn_net_create(&c, text);
    cn_net_info info = cn_net_describe(net);
    cn_item_info item;
    cn_part part;
    size_t i, params = 0, state = info.params;
    CHECK(info.items == 8);
    for (i = 0; i < 8; i++) {
        CHECK_STATUS(cn_net_item(net, i, &item), CN_OK);
        CHECK(strcmp(item.name, names[i]) == 0 && item.branch == branches[i] && item.from == from[i]);
        CHECK(item.params.first == params && item.state.first == state);
        params += item.params.count;
        state += item.state.count;
        CHECK(i == 5 ? item.row == NULL && item.also == 4 : item.row != NULL && item.also == CN_INPUT);
        CHECK(item.is_affine == (i != 3 && i != 5 && i != 6));
    }
    CHECK(params == info.params && state == info.size);
    CHECK_STATUS(cn_net_item(net, 0, &item), CN_OK);
    CHECK(item.affine.rows == 3 && item.affine.cols == 18 && item.affine.positions == 16 && item.affine.bias);
    CHECK(strcmp(item.row->name, "conv") == 0 && item.item.out.c == 3 && item.item.in.h == 4);
    for (i = 0; i < info.parts; i++) { /* parts say whose they are */
        CHECK_STATUS(cn_net_part(net, NULL, i, &part), CN_OK);
        CHECK_STATUS(cn_net_item(net, part.item, &item), CN_OK);
        CHECK(strncmp(part.name, item.name, strlen(item.name)) == 0);
    }
    CHECK_STATUS(cn_net_item(net, 8, &item), CN_E_ARGUMENT);
    CHECK_STATUS(cn_net_item(NULL, 0, &item), CN_E_ARGUMENT);
}

/* A row that names its parameters: equal parts, found by name, read from a file by name. */
static void named_parts(void) {
    cn_layer row = own_rows[1]; /* gain: as many parameters as features */
    cn_ctx d = CN_ZERO;
    cn_net *net;
    cn_part part;
    cn_block block;
    size_t i;
    row.names = "gain shift";
    d.layers = &row;
    d.layer_count = 1;
    net = cn_net_create(&d, "input 4; dense 6; gain");
    CHECK(cn_net_describe(net).parts == 4);
    CHECK_STATUS(cn_net_part(net, NULL, 2, &part), CN_OK);
    CHECK(strcmp(part.name, "1.gain") == 0 && part.block.first == 30 && part.block.count == 3);
    CHECK_STATUS(cn_net_part(net, NULL, 3, &part), CN_OK);
    CHECK(strcmp(part.name, "1.shift") == 0 && part.block.first == 33 && part.block.count == 3 && part.value.dims == 1);
    block = cn_net_block(&d, net, "1.shift");
    CHECK(block.first == 33 && block.count == 3);
    block = cn_net_block(&d, net, "1");
    CHECK(block.first == 30 && block.count == 6);
    net = cn_net_create(&d, "input 1 2 2; batchnorm"); /* one channel too: [1], as PyTorch's */
    for (i = 0; i < 4; i++) {
        CHECK_STATUS(cn_net_part(net, NULL, i, &part), CN_OK);
        CHECK(part.value.dims == 1 && part.value.shape[0] == 1);
    }
    CHECK_STATUS(d.status, CN_OK);
    cn_free_all(&d);
}

TEST_MAIN {
    c.layers = own_rows;
    c.layer_count = OWN_ROWS;
    CASE("grammar") grammar();
    CASE("description") infos();
    CASE("bad text") bad_text();
    CASE("parts and blocks") parts_and_blocks();
    CASE("items") items();
    CASE("named parts") named_parts();
    CASE("initialisation") initialisation();
    CASE("schemes") schemes();
    CASE("the next activation") automatic();
    CASE("the next activation, own rows") automatic_rows();
    CASE("shared") shared();
    CASE("pointwise rows") pointwise_rows();
    CASE("softmax") softmax_row();
    CASE("own rows") own_rows_first();
    CASE("the end") {
        cn_free_all(&c);
        CHECK(c.bytes_now == 0);
    }
}
