/* curvnoise.h - v0.2.0 - train small networks, measure their loss surface and gradient noise - MIT or public domain

   Do this in ONE C or C++ file:

       #define CURVNOISE_IMPLEMENTATION
       #include "curvnoise.h"

   and include it without the define in the others. Compile with any C99 or C++11 compiler and link with -lm.
   Nothing else is needed; -fopenmp adds threads.

   A COMPLETE PROGRAM: train on four points, then ask how curved the loss is there.

       #define CURVNOISE_IMPLEMENTATION
       #include "curvnoise.h"
       #include <stdio.h>

       int main(void)
       {
           static const cn_real x[] = {0, 0,  0, 1,  1, 0,  1, 1};
           static const int32_t y[] = {0, 1, 1, 0};
           cn_ctx c = CN_ZERO;
           cn_data data = CN_ZERO;
           cn_train_desc how = CN_ZERO;
           cn_block all = CN_ZERO;
           data.x = cn_tensor_of(x, CN_TYPE_REAL, 2, 4, 2, 0, 0);
           data.y = cn_tensor_of(y, CN_TYPE_I32, 1, 4, 0, 0, 0);
           cn_net *net = cn_net_create(&c, "input 2; dense 8; tanh; dense 2");
           cn_problem *p = cn_problem_create(&c, net, &data, NULL);
           cn_real *theta = cn_vector(&c, cn_net_describe(net).size);
           cn_net_init(net, CN_INIT_AUTO, 1, theta);
           how.epochs = 200;
           how.opt.lr = 0.5;
           cn_eval e = cn_train(p, theta, &how);
           cn_point *at = cn_point_create(p, theta, 0);
           cn_est t = cn_trace(cn_op_of(at, CN_OP_HESSIAN, all), NULL);
           if (c.status)
               printf("%s\n", c.message);
           else
               printf("loss %g, tr H %g +- %g\n", e.loss, t.value, t.error);
           cn_free_all(&c);
           return c.status;
       }

   COST is counted in gradients: one is a forward and a backward pass over the data of a call, about 3 n macs
   multiply-adds (cn_net_info); a forward pass is a third of it.

   WHAT IT DOES NOT DO. No GPU, no general automatic differentiation, no recurrent or attention layers. It never prints,
   never aborts and has no global state. It is for networks of up to some millions of parameters, and for exact results
   where others estimate.

   HOW DATA FLOWS

       network + loss + data -> problem -> point (a problem frozen at one theta) -> operator -> measures
                                    \-> gradient -> optimiser (ask where, tell the gradient)

   CONTENTS. Declarations first, in the order of this list, but cn_op_of and cn_op_item (11), which stand with the point
   (9). Then the implementation, 14 sections ("FLOOR n:" in the text); each calls only those above it.

        1 base          status, context, memory, messages, numbers as text
        2 tensor        a typed view of the caller's memory
        3 random        a counter-based generator
        4 kernels       matrix products and sweeps; the only processor-specific code
        5 linalg        eigenvalues, Cholesky, SVD, orthonormal rows, sums of Kronecker products
        6 spectrum      linear operators: traces, eigenpairs, densities
        7 network       layers, the network's text, parts, items, initialisation
        8 loss          value, gradient, curvature
        9 derivatives   problem, point, J v, J'u, H v, per-sample gradients, visit
       10 optimisers    SGD, momentum, SAM, NSO
       11 operators     H G F C S J K of a point
       12 measures      TIC, similarities, MLS, TPV
       13 pruning       (empty in this version)
       14 files         npy, safetensors, IDX, CIFAR-10

   STEP BY STEP

   1. A context: `cn_ctx c = CN_ZERO;` is complete. It holds what other libraries keep in globals (allocator or arena,
      threads, progress callback) and the first error with its message. Use one context per thread. Every object
      remembers the context it was made with.
   2. A network is made from text, items separated by ; or line ends, comments from # to the end of a line:
            input 64; dense 24; relu; dense 10
      Its parameters are ONE flat vector `theta` that you own, of cn_net_describe(net).size reals: layers in order,
      weight [out][in] before bias, as in PyTorch. "0.weight" names a range of it: items are numbered from 0 after
      `input`, and activations count.
   3. Data are tensors, which are views of your arrays: x [n][inputs], and labels [n] or targets [n][outputs]. Bytes may
      stay bytes. cn_tensor_read opens npy, safetensors, IDX and CIFAR-10 files; cn_theta_read opens PyTorch's weights.
   4. A problem joins network, loss and data. cn_evaluate gives the loss, a mean over samples and a sum over outputs,
      and its gradient. You may refill x and y between calls; labels are checked each time they are used.
   5. cn_train trains. Or write the loop: cn_opt_ask says where a gradient is wanted, cn_opt_tell takes it. SAM and NSO
      ask twice in one step.
   6. A point is a problem at one theta. cn_op_of(point, CN_OP_HESSIAN, block) is the Hessian as a linear operator, of
      all parameters or of one layer. Operators multiply, have traces and eigenvalues, or become dense matrices.
   7. Measures, such as cn_tic, are short functions of points and operators.

   A LAYER OF YOUR OWN is a row in c.layers. A pointwise one gives the value and two derivatives (examples/sine.c):

       static void square(const double *arg, size_t n, const cn_real *x, cn_real *f, cn_real *f1, cn_real *f2)
       {
           size_t i;
           (void)arg;
           for (i = 0; i < n; i++) {
               if (f) f[i] = x[i] * x[i];
               if (f1) f1[i] = 2 * x[i];
               if (f2) f2[i] = 2;
           }
       }
       cn_layer row = CN_ZERO;
       row.name = "square";
       row.pointwise = square;
       c.layers = &row;
       c.layer_count = 1;

   Any other gives shape and four kernels, each for n samples times k vectors, layout [n][k][features]. y = s x with
   parameters s:

       static int shape(cn_item *item, const char **why)
       {
           item->out = item->in;
           item->params = item->in.c;
           return CN_OK;
       }
       static void forward(cn_io *io)
       {
           size_t m = io->item->in.c, i, s;
           for (i = 0; i < io->n; i++)
               for (s = 0; s < m; s++) io->y[i*m + s] = io->theta[s] * io->x[i*m + s];
       }
       static void tangent(cn_io *io)                (y_t = s x_t + s_t x; x_t or theta_t may be NULL = 0)
       {
           size_t m = io->item->in.c, i, j, s, a;
           for (i = 0; i < io->n; i++) for (j = 0; j < io->k; j++) for (s = 0; s < m; s++) {
               a = (i*io->k + j)*m + s;
               io->y_t[a] = io->x_t ? io->theta[s]*io->x_t[a] : 0;
               if (io->theta_t) io->y_t[a] += io->theta_t[j*io->stride + s]*io->x[i*m + s];
           }
       }
       static void backward(cn_io *io)               (gx = s gy; gtheta += x gy; either may be unwanted: NULL)
       {
           ... io->gx[a] = io->theta[s]*io->gy[a];  io->gtheta[j*io->stride + s] += io->gy[a]*io->x[i*m + s];
       }
       static void second(cn_io *io)                 (the tangents of backward's results; here gy is [n][out])
       {
           ... io->gx_t[a] = s gy_t + s_t gy;  io->gtheta[...] += gy_t x + gy x_t;
       }

   Check it as tests/derivatives.c checks the built-in rows: central differences of the loss and of the gradient.

   ERRORS. Creators return NULL, other calls a status or a struct with one; NULL may be passed on, so a chain is checked
   once. The status also stands in the context with a sentence (c.status, c.message). Arguments, shapes, sizes, texts,
   data and files that are wrong stay there until cn_clear; until then every call returns the first of them and does
   nothing. The other statuses block nothing: out of memory, a dry run, a cancelled call, and two that are answers,
   CN_E_NUMERIC (not finite, not definite, not converging) and CN_E_UNSUITED (no meaning here). A call that succeeds
   does not reset c.status, and a later failure overwrites such a status: look at what the call returned. A struct whose
   status is CN_OK holds finite numbers alone, and so do the arrays that a call with CN_OK has written; where numbers
   overflow, CN_E_NUMERIC says so. Not looked at are the results of cn_random, cn_gemm and cn_kronecker, the views of
   cn_visit and what cn_tensor_read finds. Calls that take a network and no context (cn_net_init, cn_net_part,
   cn_net_item, cn_net_text, cn_theta_write) touch no context, for threads may share the network: they return the status
   alone and know no dry run.

   MEMORY. One public call makes at most one allocation, laid out before any work starts: one refused has changed
   nothing. With c.dry = 1 a call only checks its arguments and writes the exact bytes it would ask for to
   c.bytes_needed. cn_free, or cn_free_all at the end, gives back what creators and cn_vector made. An operator made
   within the arguments of a call, as above, stays until cn_free_all: in a loop keep it in a variable, and end each turn
   with cn_free(&c, op) and cn_free(&c, at). Things refer to what they were made from: free an operator before its
   point, a point before its problem, a problem before its network. A problem borrows your data and what a loss row
   points to (name, user); a network borrows the layer rows it uses: they must outlive it. With
   c.arena the library lives in your buffer and never calls malloc; there, memory is free again only from the top down:
   free in the reverse order of making.

   THREADS. Built with OpenMP (cc -O2 -fopenmp prog.c -lm) a call uses c.threads threads, 0 = omp_get_max_threads() (the
   processors, or OMP_NUM_THREADS), but a pass over the data at most
   cn_problem_desc.lanes, by default 4: raise it on larger machines (this changes bits). Without OpenMP a call uses one
   thread, unless c.parallel hands its tasks to threads of yours. Callbacks: progress, alloc, release, a cn_apply, the
   functions given to cn_trace_of and cn_visit run on the calling thread; augment, loss rows and layer rows on several
   at once. A callback may call the library with another context, not with the one whose call is running.

   BITS. The same build, instruction set and descriptors give the same bits, for any number of threads. Results hold
   under -Ofast and -ffast-math too, but there a NaN among the parameters may end in a relu instead of in the loss.

   COMPILERS. C99 or C++11 and later. Tested: gcc, clang, tcc; Linux, Windows (MinGW-w64), WebAssembly, bare metal; x86
   with 64 and 32 bits, AArch64, s390x, Cortex-M4F. Intrinsics for x86 need gcc or clang; MSVC, and clang-cl before 19,
   take the plain C kernels. 32-bit x86 without SSE (x87, FLT_EVAL_METHOD 2) keeps some intermediate results longer than
   double: results are right to rounding, but their bits are not promised, and counts of eigenvalues near a threshold
   may differ; -msse2 -mfpmath=sse avoids that. pcc is refused: it returns structs wrongly.

   MACROS (define before including)
       CN_REAL          float (default) or double; public symbols get another name with double, so a mixed link fails
       CN_STATIC        everything static: for a private copy in one file
       CN_NAMESPACE     prefix for all public symbols: -DCN_NAMESPACE=my_ links my_cn_gemm_float
       CN_NO_MALLOC     no malloc: the context needs an arena or alloc and release
       CN_NO_MESSAGES   statuses without sentences
       CN_NO_FILES      no files: section 14 and its declarations are left out
       CN_NO_STDIO      no stdio: cn_file_read and cn_file_write are left out; files in memory are read all the same
       CN_NO_SIMD       plain C kernels only
       CURVNOISE_USE_CBLAS   hands matrix products to a BLAS by <cblas.h>; the bits are then its own
       CN_MALLOC(n), CN_FREE(p)   instead of malloc and free
       CN_LAYERS(X)     the built-in layers to compile, as X(dense) X(relu); all by default
       CN_COUNT(n)      statement run for every n multiply-adds of products and dots (for counting costs; one thread)
       CN_FLOOR_MAX     implementation up to this section only (for tests)

   SOURCES are cited at each function: TIC, TPV, AWD, MLS, NSO are the five papers
       TIC  Thomas et al. 2020, On the interplay between noise and curvature and its effect on optimization and
            generalization
       TPV  Parameter perturbations through the lens of test prediction variance
       AWD  On the superlinear relationship between SGD noise covariance and loss landscape curvature
       NSO  Zhang, Li, Ju 2024, Noise stability optimization for finding flat minima
       MLS  Chen et al., A simple connection from loss flatness to compressed representations in neural networks

   The changelog and the licence are at the end of the file. */

#ifndef CURVNOISE_H
#define CURVNOISE_H

#include <stddef.h>
#include <stdint.h>

#define CN_VERSION "0.2.0"
#define CN_VERSION_NUMBER 200 /* 10000 major + 100 minor + patch */

#ifdef __PCC__ /* 1.2: two calls among the arguments of one share their result, and struct {double; int} is lost */
#error "curvnoise.h: pcc returns structs wrongly, so results would be wrong; use gcc, clang, MSVC or tcc"
#endif

#ifndef CN_REAL
#define CN_REAL float
#endif
#ifdef CN_STATIC
#define CN_API static inline
#else
#define CN_API extern
#endif

/* Names. A double build, and CN_NAMESPACE, rename every public function, so that objects built for different reals
   cannot be mixed. */
#define CN__IS_float 0
#define CN__IS_double 1
#define CN__IS_PASTE(type) CN__IS_##type
#define CN__IS(type) CN__IS_PASTE(type)
#if CN__IS(CN_REAL)
#define CN__DOUBLE 1
#else
#define CN__DOUBLE 0
#endif
#if CN__DOUBLE || defined(CN_NAMESPACE)
#ifndef CN_NAMESPACE
#define CN_NAMESPACE
#endif
#define CN__GLUE2(space, name, real) space##name##_##real
#define CN__GLUE(space, name, real) CN__GLUE2(space, name, real)
#define CN__NAME(name) CN__GLUE(CN_NAMESPACE, name, CN_REAL)
#define cn_clear CN__NAME(cn_clear)
#define cn_status_text CN__NAME(cn_status_text)
#define cn_vector CN__NAME(cn_vector)
#define cn_free CN__NAME(cn_free)
#define cn_free_all CN__NAME(cn_free_all)
#define cn_tensor_of CN__NAME(cn_tensor_of)
#define cn_count CN__NAME(cn_count)
#define cn_tensor_row CN__NAME(cn_tensor_row)
#define cn_convert CN__NAME(cn_convert)
#define cn_random CN__NAME(cn_random)
#define cn_shuffle CN__NAME(cn_shuffle)
#define cn_stream CN__NAME(cn_stream)
#define cn_gemm CN__NAME(cn_gemm)
#define cn_kronecker CN__NAME(cn_kronecker)
#define cn_eigen CN__NAME(cn_eigen)
#define cn_cholesky CN__NAME(cn_cholesky)
#define cn_orthonormal CN__NAME(cn_orthonormal)
#define cn_svd CN__NAME(cn_svd)
#define cn_op_user CN__NAME(cn_op_user)
#define cn_op_matrix CN__NAME(cn_op_matrix)
#define cn_op_describe CN__NAME(cn_op_describe)
#define cn_op_diagonal CN__NAME(cn_op_diagonal)
#define cn_op_factor CN__NAME(cn_op_factor)
#define cn_op_sum CN__NAME(cn_op_sum)
#define cn_op_product CN__NAME(cn_op_product)
#define cn_op_inverse CN__NAME(cn_op_inverse)
#define cn_op_deflate CN__NAME(cn_op_deflate)
#define cn_op_apply CN__NAME(cn_op_apply)
#define cn_op_dense CN__NAME(cn_op_dense)
#define cn_op_quadratic CN__NAME(cn_op_quadratic)
#define cn_op_gram CN__NAME(cn_op_gram)
#define cn_op_spread CN__NAME(cn_op_spread)
#define cn_trace CN__NAME(cn_trace)
#define cn_diagonal CN__NAME(cn_diagonal)
#define cn_inner CN__NAME(cn_inner)
#define cn_trace_of CN__NAME(cn_trace_of)
#define cn_logdet CN__NAME(cn_logdet)
#define cn_density CN__NAME(cn_density)
#define cn_solve CN__NAME(cn_solve)
#define cn_eigs CN__NAME(cn_eigs)
#define cn_net_create CN__NAME(cn_net_create)
#define cn_net_describe CN__NAME(cn_net_describe)
#define cn_net_part CN__NAME(cn_net_part)
#define cn_net_block CN__NAME(cn_net_block)
#define cn_net_item CN__NAME(cn_net_item)
#define cn_net_text CN__NAME(cn_net_text)
#define cn_net_init CN__NAME(cn_net_init)
#define cn_layers CN__NAME(cn_layers)
#define cn_problem_create CN__NAME(cn_problem_create)
#define cn_predict CN__NAME(cn_predict)
#define cn_evaluate CN__NAME(cn_evaluate)
#define cn_point_create CN__NAME(cn_point_create)
#define cn_op_of CN__NAME(cn_op_of)
#define cn_op_item CN__NAME(cn_op_item)
#define cn_jv CN__NAME(cn_jv)
#define cn_jtu CN__NAME(cn_jtu)
#define cn_gradients CN__NAME(cn_gradients)
#define cn_gram CN__NAME(cn_gram)
#define cn_batch_size CN__NAME(cn_batch_size)
#define cn_recalibrate CN__NAME(cn_recalibrate)
#define cn_problem_describe CN__NAME(cn_problem_describe)
#define cn_forward CN__NAME(cn_forward)
#define cn_point_describe CN__NAME(cn_point_describe)
#define cn_gradient CN__NAME(cn_gradient)
#define cn_gv CN__NAME(cn_gv)
#define cn_visit CN__NAME(cn_visit)
#define cn_opt_create CN__NAME(cn_opt_create)
#define cn_opt_ask CN__NAME(cn_opt_ask)
#define cn_opt_tell CN__NAME(cn_opt_tell)
#define cn_opt_reset CN__NAME(cn_opt_reset)
#define cn_opt_step CN__NAME(cn_opt_step)
#define cn_opt_lr CN__NAME(cn_opt_lr)
#define cn_opt_state CN__NAME(cn_opt_state)
#define cn_train CN__NAME(cn_train)
#define cn_tic CN__NAME(cn_tic)
#define cn_tic_fisher CN__NAME(cn_tic_fisher)
#define cn_tic_curve CN__NAME(cn_tic_curve)
#define cn_influence CN__NAME(cn_influence)
#define cn_leave_one_out CN__NAME(cn_leave_one_out)
#define cn_noise_scale CN__NAME(cn_noise_scale)
#define cn_alignment CN__NAME(cn_alignment)
#define cn_effective_dimension CN__NAME(cn_effective_dimension)
#define cn_gradient_share CN__NAME(cn_gradient_share)
#define cn_worst_sharpness CN__NAME(cn_worst_sharpness)
#define cn_compare CN__NAME(cn_compare)
#define cn_similarity CN__NAME(cn_similarity)
#define cn_commutator CN__NAME(cn_commutator)
#define cn_sensitivity CN__NAME(cn_sensitivity)
#define cn_perturbation_gap CN__NAME(cn_perturbation_gap)
#define cn_mls CN__NAME(cn_mls)
#define cn_adaptive_sharpness CN__NAME(cn_adaptive_sharpness)
#define cn_tpv CN__NAME(cn_tpv)
#define cn_file_read CN__NAME(cn_file_read)
#define cn_file_write CN__NAME(cn_file_write)
#define cn_tensor_read CN__NAME(cn_tensor_read)
#define cn_tensor_write CN__NAME(cn_tensor_write)
#define cn_theta_read CN__NAME(cn_theta_read)
#define cn_theta_write CN__NAME(cn_theta_write)
#define cn_parts_write CN__NAME(cn_parts_write)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */
#ifdef __cplusplus
#define CN_ZERO {} /* g++ -Wextra warns at {0} */
#else
#define CN_ZERO {0}
#endif
/* clang-format on */

typedef CN_REAL cn_real;

/* ---- base -------------------------------------------------------------------------------------------------------- */

/* CN_CANCELLED, CN_DRY, CN_E_MEMORY, CN_E_NUMERIC and CN_E_UNSUITED block nothing after them (see ERRORS). */
#define CN_STATUS_LIST(X)                                                              \
    X(CN_OK, "all is well")                                                            \
    X(CN_CANCELLED, "stopped by the progress callback; what was finished is returned") \
    X(CN_DRY, "dry run: checked and sized, nothing done")                              \
    X(CN_E_ARGUMENT, "an argument is missing or out of its range")                     \
    X(CN_E_TEXT, "the network text cannot be understood")                              \
    X(CN_E_SHAPE, "two shapes do not fit")                                             \
    X(CN_E_SIZE, "a size overflows, or is above a method's limit")                     \
    X(CN_E_MEMORY, "out of memory; bytes_needed says how much the call wants")         \
    X(CN_E_DATA, "a label is out of range or a value is not finite")                   \
    X(CN_E_NUMERIC, "a result is not finite, not definite or not converging")          \
    X(CN_E_UNSUITED, "this quantity has no meaning for this network, loss or machine") \
    X(CN_E_FILE, "a file is not what it claims, or cannot be read or written")
#define CN__STATUS_ID(id, text) id,
enum { CN_STATUS_LIST(CN__STATUS_ID) CN_STATUS_COUNT };

enum { CN_ISA_AUTO, CN_ISA_C, CN_ISA_SSE2, CN_ISA_AVX2, CN_ISA_AVX512, CN_ISA_NEON, CN_ISA_WASM };

typedef struct cn_progress {
    const char *what;
    double done, total, value, error;
} cn_progress;
typedef void (*cn_task)(void *arg, int index);

/* Everything that is not an argument. Zero is complete; fill in what you want before the first call. An isa that is not
   here, threads below 0, layers, arena or alloc missing beside their counts or release: CN_E_ARGUMENT, nothing done. */
typedef struct cn_ctx {
    void *arena;
    size_t arena_bytes;                       /* a caller's buffer used as a stack, instead of alloc and release */
    void *(*alloc)(void *user, size_t bytes); /* default malloc; any alignment of at least a pointer's */
    /* default free; NULL beside an alloc of your own: nothing is given back */
    void (*release)(void *user, void *memory);
    void *alloc_user;
    size_t limit_bytes; /* refuse calls that would hold more than this; 0 = no limit */
    int dry;            /* 1: calls check and size themselves, set bytes_needed, do nothing */
    int threads, isa;   /* 0 = omp_get_max_threads(), the best there is (CN_ISA_*) */
    /* runs task(arg, 0 .. tasks-1) in any order; default OpenMP or a loop */
    void (*parallel)(void *user, int tasks, cn_task task, void *arg);
    void *parallel_user;
    /* calling thread only, between units of work; nonzero cancels */
    int (*progress)(void *user, const cn_progress *p);
    void *progress_user;
    const struct cn_layer *layers;
    size_t layer_count; /* your own layer rows, looked up before the built-in ones; they must outlive their networks */
    /* written by the library: */
    int status;
    char message[200]; /* the first error and its sentence */
    /* held; the most ever held; what the last dry or refused call asks for */
    size_t bytes_now, bytes_peak, bytes_needed;
    void *live;
    int cpu;
} cn_ctx;

CN_API void cn_clear(cn_ctx *c);                /* forgets the error */
CN_API const char *cn_status_text(int status);  /* a general sentence for a status; never NULL */
CN_API cn_real *cn_vector(cn_ctx *c, size_t n); /* n zeros, 64-byte aligned; NULL on error */
CN_API void cn_free(cn_ctx *c, void *thing);    /* anything made with c; NULL is fine */
CN_API void cn_free_all(cn_ctx *c);             /* everything made with c */

/* ---- tensor: a view of row-major memory that somebody else owns -------------------------------------------------- */

enum {
    CN_TYPE_REAL,
    CN_TYPE_U8,
    CN_TYPE_I8,
    CN_TYPE_U16,
    CN_TYPE_I16,
    CN_TYPE_U32,
    CN_TYPE_I32,
    CN_TYPE_U64,
    CN_TYPE_I64,
    CN_TYPE_F32,
    CN_TYPE_F64
};
/* element (i,j,..) at ((i*shape[1] + j)*shape[2] + ..) */
typedef struct cn_tensor {
    void *data;
    size_t shape[4];
    int dims, type;
} cn_tensor;

/* A view, nothing is copied; sizes beyond dims are ignored. The library writes through a tensor only as the destination
   of cn_convert. */
CN_API cn_tensor cn_tensor_of(const void *data, int type, int dims, size_t s0, size_t s1, size_t s2, size_t s3);
CN_API size_t cn_count(cn_tensor t); /* elements; 0 for an empty, overflowing or malformed shape */
CN_API cn_tensor cn_tensor_row(cn_tensor t,
                               size_t i); /* t[i], one dimension fewer; data NULL when there is no such row */
/* to = scale * from, element by element, any type to any type of the same count. Integers round to nearest, and pass
   through a double: beyond 2^53 not every one is kept. CN_E_DATA: not finite, or beyond the range of `to`; then `to` is
   unchanged. */
CN_API int cn_convert(cn_ctx *c, cn_tensor from, double scale, cn_tensor to);

/* ---- random: counter-based (Philox 4x32-10, Salmon et al. 2011) -------------------------------------------------- */

/* Value i of (seed, stream) never depends on what was drawn before. The top byte of a stream is its purpose: for each
   purpose below the library draws from streams of its own, so that equal seeds share nothing. */
enum {
    CN_FOR_USER,         /* streams below 2^56 are yours */
    CN_FOR_INIT,         /* cn_net_init; index: 2 item for its weights, 2 item + 1 for its biases */
    CN_FOR_SHUFFLE,      /* cn_train's batches; epoch */
    CN_FOR_NOISE,        /* an optimiser's; 2^16 step + pair */
    CN_FOR_MASKS,        /* dropout's; item */
    CN_FOR_LABELS,       /* of the sampled Fisher; 2 sample for its normals, 2 sample + 1 for its uniform */
    CN_FOR_PERTURBATION, /* cn_perturbation_gap's noise; pair */
    CN_FOR_PROBES,       /* of traces, diagonals and similarities; probe */
    CN_FOR_STARTS,       /* of cn_eigs; start vector */
    CN_FOR_LANCZOS,      /* starts of cn_density, cn_trace_of, cn_logdet; run */
    CN_FOR_SPARES,       /* in place of a vector that depends on others; how many others */
    CN_FOR_SAMPLES,      /* signs of samples in cn_tic's quadrature; probe */
    CN_PURPOSE_COUNT
};
CN_API uint64_t cn_stream(int purpose, uint64_t index); /* the stream of an index (modulo 2^56) for a purpose */

/* all with mean 0 and the given standard deviation; 0 is the default of its place, here normal */
enum { CN_NOISE_NORMAL = 1, CN_NOISE_UNIFORM, CN_NOISE_LAPLACE, CN_NOISE_SIGN };
/* out[i] = value number first + i of the stream, i < n, error below 1e-15 (float 1e-7) of the largest. Kinds are made
   of the same bits: for independent values of two kinds take two streams. The same bits in every build, whatever its
   flags, where doubles are IEEE's (not: x87 code): all is integer arithmetic but one sum, one root and the product with
   sd. */
CN_API void cn_random(uint64_t seed, uint64_t stream, uint64_t first, int kind, double sd, size_t n, cn_real *out);
/* permutes what is there (Fisher, Yates); independent of the values of the same stream */
CN_API void cn_shuffle(uint64_t seed, uint64_t stream, size_t n, uint32_t *index);

/* ---- linalg: row-major, element strides as in BLIS, so a transpose is a swap of strides -------------------------- */

/* out [m][n] = alpha A [m][k] B [k][n] + beta out; beta = 0 never reads out. Operands may not overlap out. */
CN_API int cn_gemm(cn_ctx *c, size_t m, size_t n, size_t k, double alpha, const cn_real *a, size_t a_row, size_t a_col,
                   const cn_real *b, size_t b_row, size_t b_col, double beta, cn_real *out, size_t out_row,
                   size_t out_col);
/* Sum of Kronecker products out [pq][pq] = sum_i w_i X_i (x) a_i a_i' over n samples, that is, element (rq + c, sq + d)
   sums w_i X_i[r][s] a_i[c] a_i[d]. x [n][p][p]: symmetric X_i alone, of which only the lower triangles are read; a
   [n][q]; w [n] or NULL: all 1. With X_i the loss's second derivative by a dense layer's outputs and a_i its inputs it
   is that layer's Hessian. Cost: one matrix product of halves, n p(p + 1)/2 q(q + 1)/2 multiply-adds, a quarter of the
   plain n (pq)^2. Memory: at most p q(q + 1)/2 + 256 (max(1024, p) + max(1024, q)) reals and cn_gemm's. Operands may
   not overlap out. */
CN_API int cn_kronecker(cn_ctx *c, size_t n, size_t p, size_t q, const cn_real *w, const cn_real *x, const cn_real *a,
                        cn_real *out);
/* Eigenpairs of a symmetric a [n][n]; only its lower triangle is read, and it is destroyed. values [n]: all,
   descending. vectors: row j is the unit eigenvector of values[j], for the first `top` (0 = all) and, with cut > 0, of
   those only while values[j] > cut*values[0]; *found rows are written, room for `top` (or n) is needed. vectors and
   found may be NULL. cn_eigen, cn_cholesky, cn_orthonormal and cn_svd look at their input first: an element that is NaN
   or infinite gives CN_E_DATA, which names it, and nothing is changed. CN_E_NUMERIC: a result overflows; the arrays are
   then undefined. */
CN_API int cn_eigen(cn_ctx *c, size_t n, cn_real *a, size_t top, double cut, double *values, cn_real *vectors,
                    size_t *found);
/* Factors a symmetric positive definite a [n][n] in place (lower triangle) and solves for b [n][rhs] in place.
   CN_E_NUMERIC: not definite; a and b are then lost. */
CN_API int cn_cholesky(cn_ctx *c, size_t n, cn_real *a, size_t rhs, cn_real *b);
/* Rows [k][n] made orthonormal in place, from the first to the last (an LQ factorisation): given rows = triangle times
   these, triangle [k][k] lower, or NULL. A row of which no more than 4 sqrt(4 + i) roundings of its length (i its
   index) is orthogonal to those before it is dependent: it and triangle[i][i] become 0; *rank, unless NULL, counts the
   others. By Gram-Schmidt, twice, sums in double. Cost: 2 k^2 n multiply-adds. CN_E_NUMERIC: a row is longer than any
   cn_real. */
CN_API int cn_orthonormal(cn_ctx *c, size_t k, size_t n, cn_real *rows, cn_real *triangle, size_t *rank);
/* Thin singular value decomposition of a small a [m][n] (destroyed), r = min(m, n): s [r] descending, u [m][r], vt
   [r][n], which may be NULL. Cost: 40 to 60 m n r multiply-adds. The spectral norm s[0] alone is cheaper by cn_eigs of
   cn_op_factor(c, m, n, a), whose largest eigenvalue is its square. */
CN_API int cn_svd(cn_ctx *c, size_t m, size_t n, cn_real *a, double *s, cn_real *u, cn_real *vt);

/* ---- spectrum: linear operators of any origin -------------------------------------------------------------------- */

typedef struct cn_op cn_op; /* frozen: the same x gives the same y for its whole life */
/* y = A x for k vectors, [k][size]; returns a status */
typedef int (*cn_apply)(void *user, size_t k, const cn_real *x, cn_real *y);
typedef struct cn_op_info {
    /* rows, unless 0: A = R'R, R [rows][size]; positive: semi-definite by construction */
    size_t size, rows;
    int symmetric, positive;
    const char *convention;
} cn_op_info;

/* Operators borrow what they are made of (arrays, other operators): it must outlive them. Given a NULL operator they
   return NULL. A call that fails in the midst of its products leaves its result structs empty or with what was
   finished, and: cn_eigs, cn_solve and cn_density leave their arrays as they were; cn_op_apply, cn_op_dense,
   cn_op_quadratic, cn_op_gram, cn_op_spread and cn_diagonal, whose arrays may be as large as memory, leave them written
   in part. */
CN_API cn_op *cn_op_user(cn_ctx *c, size_t size, cn_apply apply, void *user); /* your own, symmetric */
/* A symmetric matrix [size][size] as an operator; with cn_op_dense it holds another operator's matrix, so that what is
   asked next passes over no data. CN_E_DATA: an element is not finite or differs from its mirror. */
CN_API cn_op *cn_op_matrix(cn_ctx *c, size_t size, const cn_real *matrix);
/* The diagonal matrix of d [size]. CN_E_DATA: an element is not finite. */
CN_API cn_op *cn_op_diagonal(cn_ctx *c, size_t size, const cn_real *d);
/* R'R of r [rows][size]: low rank */
CN_API cn_op *cn_op_factor(cn_ctx *c, size_t rows, size_t size, const cn_real *r);
/* alpha A + beta B + shift I; b may be NULL */
CN_API cn_op *cn_op_sum(cn_op *a, double alpha, cn_op *b, double beta, double shift);
/* A B, symmetric only if a == b or both are diagonal; what needs symmetry refuses it. Its trace is exact where one of
   both is diagonal and the other's diagonal has a closed form, and by `rows` products where one has few (cn_inner). */
CN_API cn_op *cn_op_product(cn_op *a, cn_op *b);
/* (I - Q'Q) A (I - Q'Q) with k orthonormal rows q [k][size]: A without what they span. */
CN_API cn_op *cn_op_deflate(cn_op *a, size_t k, const cn_real *q);
/* (A + ridge I)^-1, each product a cn_solve with its tolerance, most and diag; CN_E_NUMERIC where that does not
   converge. */
CN_API cn_op *cn_op_inverse(cn_op *a, double ridge, double tolerance, size_t most, const cn_real *diag);
/* convention: a sentence, as "H: Hessian of the mean loss, sum over outputs"; zeros for NULL */
CN_API cn_op_info cn_op_describe(const cn_op *a);
CN_API int cn_op_apply(cn_op *a, size_t k, const cn_real *x, cn_real *y); /* x, y [k][size], not overlapping */
CN_API int cn_op_dense(cn_op *a, cn_real *out); /* [size][size], symmetrised where A is symmetric; size products */
CN_API int cn_op_quadratic(cn_op *a, size_t k, const cn_real *x, double *out); /* out[j] = x_j' A x_j */
/* Of an A = R'R (cn_op_describe's rows > 0): R R' into out [rows][rows], which has A's nonzero eigenvalues; y [k][size]
   = R'u, u [k][rows]: eigenvectors u of R R' become A's, and unit vectors give R's rows. */
CN_API int cn_op_gram(cn_op *a, cn_real *out);
CN_API int cn_op_spread(cn_op *a, size_t k, const cn_real *u, cn_real *y);

/* A number with its error. error is one standard error (Student's t with as many degrees of freedom as said below), 0
   when exact; probes: products drawn, 0 when exact. A call that is cancelled (CN_CANCELLED) or fails midway has value,
   error and probes of what was drawn and finished. If no probe was finished, or it was an exact sweep, of which a part
   is no estimate, all are 0, and so is exact. */
typedef struct cn_est {
    double value, error;
    size_t probes;
    int exact, status;
    const char *convention;
} cn_est;
enum {
    CN_METHOD_AUTO,
    CN_METHOD_EXACT,
    CN_METHOD_HUTCHINSON,
    CN_METHOD_HUTCHPP,
    CN_METHOD_XTRACE,
    CN_METHOD_LANCZOS,
    CN_METHOD_POWER
};
typedef struct cn_probe_desc {
    /* cn_trace, cn_diagonal, cn_inner, cn_compare: the most products with each operator, default 100; cn_trace_of,
       cn_logdet, cn_tic: Lanczos runs of `steps` products, default 32; cn_perturbation_gap: pairs, default 100 */
    size_t probes;
    double rel_error; /* stop when error <= rel_error*|value|, never before 16 probes; 0 = draw them all */
    /* CN_METHOD_AUTO: exact by a closed form, or by a sweep of as many products as `probes` allows (0: 5000); else
       Hutchinson */
    int method;
    int kind; /* CN_NOISE_SIGN (default, Rademacher) or CN_NOISE_NORMAL */
    uint64_t seed;
    size_t steps; /* cn_trace_of, cn_logdet: Lanczos steps a probe, default 80 */
} cn_probe_desc;
/* Trace; d may be NULL. Methods, by the last word of CN_METHOD_...:
   EXACT        a closed form where there is one, else `size` products
   HUTCHINSON   mean of z'Az, error with probes - 1 degrees of freedom [Hutchinson 1990]
   HUTCHPP      a third of the probes finds the range of A, whose trace is then exact; error with probes/3 - 1. Memory
                2/3 probes size reals. For fast decaying spectra [Meyer, Musco, Musco, Woodruff 2021]
   XTRACE       the same idea with every probe used twice [Epperly, Tropp, Webber 2024]; its error, the jackknife's with
                probes/2 - 1, errs on the large side, by up to 3. Memory 3/2 probes size reals
                Both are a sweep, exact, where probes >= size.
   Where one eigenvalue dominates, the error of few probes is itself uncertain: z'Az is then skewed, and the error
   covers less than it says. */
CN_API cn_est cn_trace(cn_op *a, const cn_probe_desc *d);

/* Diagonal into out [size]. Exact: a closed form where there is one, else `size` products; Hutchinson: Bekas,
   Kokiopoulou, Saad 2007, mean of z*Az with signs z. value: the sum; error: the largest standard error of an entry. */
CN_API cn_est cn_diagonal(cn_op *a, const cn_probe_desc *d, cn_real *out);

/* tr(AB) of two operators of the same size, A symmetric; a == b: the squared Frobenius norm. Hutchinson: mean of
   (Az).(Bz). d as for cn_trace. Exact, the first that serves:
   from the diagonals    where one operator is diagonal and the other's diagonal has a closed form
   from the matrices     up to size 5000, where both have closed forms and more than size/16 rows: size^2 reals each
   sum of r_j'B r_j      over the rows of A = R'R (or of B) where they are fewer than size: `rows` products with B and
                         `rows` vectors of cn_op_spread
   else                  `size` products with each */
CN_API cn_est cn_inner(cn_op *a, cn_op *b, const cn_probe_desc *d);

/* Sum of f over the eigenvalues of a symmetric A; log det(A + ridge I), CN_E_NUMERIC if that is not positive definite.
   Exact: a dense eigenproblem, after `size` products where the matrix has no closed form. CN_METHOD_LANCZOS: stochastic
   Lanczos quadrature, `probes` (32) runs of `steps` products; the error is that of the random starts, not of the
   quadrature, which more steps make small. Memory (steps + 1) size reals a run. CN_METHOD_AUTO: exact up to size 5000
   if that takes no more products than the probes given could (0: always), else Lanczos. */
CN_API cn_est cn_trace_of(cn_op *a, double (*f)(void *user, double lambda), void *user, const cn_probe_desc *d);
CN_API cn_est cn_logdet(cn_op *a, double ridge, const cn_probe_desc *d);

/* The spectral density by stochastic Lanczos quadrature [Ghorbani, Krishnan, Xiao 2019], smoothed by a Gaussian, with
   its error band. */
enum { CN_AXIS_LINEAR, CN_AXIS_LOG };
typedef struct cn_density_desc {
    size_t runs, steps, points; /* defaults 10 runs of 80 products (the paper's) and 200 points */
    /* CN_AXIS_LINEAR: lambda, where the density integrates to 1; CN_AXIS_LOG: log10 |lambda|, per decade, either sign
       apart */
    int axis;
    double width; /* of the Gaussian in units of the axis; default a hundredth of the range, or 0.1 decades */
    /* eigenvalues in [-floor, floor] count as 0, and the logarithmic axis begins there (if all do, it ends there);
       default 1e-3 of the largest in size: much below it, some tens of steps tell neither sign nor size */
    double floor;
    uint64_t seed;
} cn_density_desc;
typedef struct cn_density_result {
    double smallest, largest, width, floor; /* extreme Ritz values over all runs; what was used */
    double negative, small, positive;       /* shares of the eigenvalues below -floor, within it, above it */
    double negative_error, small_error, positive_error; /* their standard errors over the random starts */
    /* the same shares by half the steps: what they differ by, more steps may move again, and the errors do not see
       it */
    double half_negative, half_small;
    /* runs: those finished, fewer than asked for when cancelled */
    size_t runs, products;
    int status;
    const char *convention;
} cn_density_result;
/* Arrays of yours, each [points]: abscissae, the density there and its standard error over the runs, which may be NULL.
   On the logarithmic axis density is that of lambda > 0; negative and its error, of lambda < 0, are for this axis alone
   and may be NULL. */
typedef struct cn_density_curve {
    double *at, *density, *error, *negative, *negative_error;
} cn_density_curve;
/* d may be NULL; so may curve, for the shares alone. CN_E_NUMERIC: the width is too small for numbers, or the axis too
   long. */
CN_API cn_density_result cn_density(cn_op *a, const cn_density_desc *d, const cn_density_curve *curve);

typedef struct cn_eigs_desc {
    size_t top, bottom; /* how many of the largest and of the smallest; both 0 = one largest */
    /* CN_METHOD_AUTO: CN_METHOD_EXACT where the basis would span everything, and up to size 1000 for the smallest,
       which crowd near 0; else CN_METHOD_LANCZOS. CN_METHOD_POWER: the one largest in size */
    int method;
    /* the most Lanczos vectors, basis*size reals of memory; default min(size, 4*(top + bottom) + 96). A full basis is
       restarted from its best vectors */
    size_t basis;
    /* vectors a product, and the copies promised of a repeated eigenvalue; default min(top + bottom, 4) */
    size_t block_size;
    size_t products;  /* the most to spend; default 1000 + 100*(top + bottom) */
    double tolerance; /* on the residual over the largest |eigenvalue|; default 1e-8, float 1e-4 */
    uint64_t seed;
    /* rows [deflated][size], orthonormal, to stay orthogonal to: the spectrum without them */
    size_t deflated;
    const cn_real *deflate;
} cn_eigs_desc;
/* residual: of cn_eigs the largest ||A v - lambda v|| of those returned, of cn_solve and cn_influence ||b - (A + ridge
   I) x|| / ||b||; measured, not estimated. iterations: products spent. */
typedef struct cn_iter {
    double residual;
    size_t iterations;
    int converged, status;
    const char *convention;
} cn_iter;
/* Eigenpairs of a symmetric A. values [top + bottom]: the largest, descending, then the smallest, ascending. residuals
   [top + bottom] and vectors [top + bottom][size] may be NULL. CN_METHOD_LANCZOS: block Lanczos with full
   reorthogonalisation, sums in double. CN_METHOD_EXACT: `size` products and a dense eigenproblem, or for top pairs of
   R'R (cn_op_factor; C, S, J, G, F of a point) with fewer rows than size that of R R'. Cost: iterations + top + bottom
   products. Cancelled: the Ritz pairs reached, if there were as many, with measured residuals. */
CN_API cn_iter cn_eigs(cn_op *a, const cn_eigs_desc *d, double *values, double *residuals, cn_real *vectors);

/* x [size] = (A + ridge I)^-1 b by conjugate gradients (Hestenes, Stiefel 1952) from 0, preconditioned with the
   diagonal `diag` of A unless NULL. Stops at ||b - (A + ridge I) x|| <= tolerance ||b|| (default 1e-10, float 1e-5) or
   after `most` products (default 10 size + 50). CN_E_NUMERIC: A + ridge I is not positive definite along the way.
   residual: measured in the end, relative to ||b||. */
CN_API cn_iter cn_solve(cn_op *a, double ridge, double tolerance, size_t most, const cn_real *diag, const cn_real *b,
                        cn_real *x);

/* ---- network: read-only once made, so many threads may share one ------------------------------------------------- */

typedef struct cn_net cn_net;
typedef struct cn_block {
    size_t first, count;
} cn_block; /* a range of theta; CN_ZERO = all parameters */
typedef struct cn_shape {
    size_t c, h, w;
} cn_shape; /* a flat vector has h = w = 1 */
/* size = params + state */
typedef struct cn_net_info {
    size_t inputs, outputs, params, state, size, parts, items;
    double macs; /* multiply-adds of a forward pass a sample */
} cn_net_info;
/* "2.weight"; value views the theta given */
typedef struct cn_part {
    char name[64];
    size_t item; /* its number, for cn_net_item */
    cn_block block;
    cn_tensor value;
    int is_state;
} cn_part;
/* dense and conv; fan_in: weights of an output, fan_out: outputs times a filter's area. HE: normal, variance 2/fan_in.
   GLOROT: uniform, 2/(fan_in + fan_out). TORCH: weights and biases uniform within 1/sqrt(fan_in). Other biases are 0,
   scales 1. AUTO: HE where the row of the next activation says so (relu, leaky, gelu, silu), else GLOROT; looks past
   pooling, batchnorm, flatten, dropout and the ends of residuals, not past dense or conv. */
enum { CN_INIT_AUTO, CN_INIT_HE, CN_INIT_GLOROT, CN_INIT_TORCH };

/* Items, one or more blanks between fields, ; or line end between items, # comment:
       input N | input C H W        dense N [bias=0]            conv N SIDE [stride=1] [pad=0] [groups=1] [bias=1]
       maxpool SIDE [stride=SIDE]   avgpool SIDE [stride=SIDE]  gap   flatten   batchnorm   dropout P
       relu   leaky SLOPE   tanh   sigmoid   softplus   gelu   silu   softmax, and your own rows
       residual { items }                 output = input + body
       residual { items } skip { items }  output = skip + body
   CN_E_TEXT and CN_E_SHAPE name the item. */
CN_API cn_net *cn_net_create(cn_ctx *c, const char *text);
CN_API cn_net_info cn_net_describe(const cn_net *net); /* zeros for NULL */
/* theta may be NULL: shapes only. CN_E_ARGUMENT: there is no part of this index. */
CN_API int cn_net_part(const cn_net *net, const cn_real *theta, size_t index, cn_part *out);
/* "2.weight", or "2" for all of item 2; an unknown name gives a block that every call refuses, never "all" */
CN_API cn_block cn_net_block(cn_ctx *c, const cn_net *net, const char *name);
/* theta [params + state]. CN_E_ARGUMENT: net or theta is missing, or scheme is none. */
CN_API int cn_net_init(const cn_net *net, int scheme, uint64_t seed, cn_real *theta);
/* The network's text, one line, from which cn_net_create makes the same network. Returns its length without the final
   0, as snprintf does; writes, final 0 included, only where out is not NULL and length < capacity. 0 for NULL. */
CN_API size_t cn_net_text(const cn_net *net, char *out, size_t capacity);
CN_API const struct cn_layer *cn_layers(size_t *count); /* the built-in rows */

/* A LAYER IS A ROW. A pointwise one (the same function of every input) gives name and pointwise. Others give shape and
   four kernels, each for n samples and k vectors at once, layout [n][k][features]; those whose output is W times
   patches of the input also `affine`. */
/* saved: reals kept per sample; work: reals of scratch a call wants */
typedef struct cn_item {
    cn_shape in, out;
    size_t params, state, saved, work;
    double arg[8];
} cn_item;
/* z = W a at each position, in `groups` independent groups of rows/groups outputs; W [rows][cols], bias [rows] after
   it. */
/* groups 0 = 1; side of conv's patches, 0 = none */
typedef struct cn_affine {
    size_t positions, rows, cols;
    int bias;
    size_t groups, side;
} cn_affine;
typedef struct cn_io {
    /* stride: from one vector's parameters to the next in theta_t and gtheta */
    const cn_item *item;
    size_t n, k, stride;
    /* this layer's parameters; their k tangents, or NULL = zero; its running statistics */
    const cn_real *theta, *theta_t, *state;
    const cn_real *x, *x_t;   /* [n][in]; [n][k][in], or NULL = zero */
    cn_real *y, *y_t, *saved; /* [n][out]; [n][k][out]; [n][saved] */
    const cn_real *gy, *gy_t; /* backward: gy [n][k][out]. second: gy [n][out], gy_t [n][k][out] */
    cn_real *gx, *gx_t;       /* written; NULL = not wanted */
    cn_real *gtheta;          /* k ranges of params, added to; NULL = not wanted */
    /* scratch: the larger of 2 n max(in, out) and item.work; the others are the engine's */
    cn_real *scratch, *pack;
    int isa, relu;
    /* train: batch statistics, dropout; what masks are drawn from */
    int train;
    uint64_t seed, step, number;
    const uint32_t *sample;
    cn_real *new_state; /* train: where the batch's statistics go */
} cn_io;
typedef struct cn_layer {
    const char *name, *args; /* args: "out bias=1": names in order, with defaults where there are any; NULL = none */
    /* value, first and second derivative of n numbers; each output may be NULL */
    void (*pointwise)(const double *arg, size_t n, const cn_real *x, cn_real *f, cn_real *f1, cn_real *f2);
    /* in and arg given; fills out, params, ..., or returns CN_E_SHAPE with a reason */
    int (*shape)(cn_item *item, const char **why);
    void (*forward)(cn_io *io);  /* x -> y */
    void (*tangent)(cn_io *io);  /* x_t, theta_t -> y_t = the derivative of y along them */
    void (*backward)(cn_io *io); /* gy -> gx, gtheta, for k right-hand sides */
    void (*second)(cn_io *io);   /* gy_t, x_t, theta_t -> gx_t, gtheta = the tangents of backward's gx, gtheta */
    /* optional, with unfold: norms, Grams and per-sample gradients without backward; such a row's backward and second
       may not read y */
    void (*affine)(const cn_item *item, cn_affine *out);
    /* 1: y is piecewise linear in x, f'' = 0 wherever it exists, so that tr H = tr G. A row with parameters must be
       linear in these too, which `affine` shows: without it the flag has no effect */
    int kinks;
    int in_place; /* 1: pointwise, and f, f' of the output are those of the input: it may overwrite it (relu) */
    /* one sample -> [groups][cols][positions]; NULL: x itself */
    void (*unfold)(cn_io *io, const cn_real *x, cn_real *patches);
    /* NULL: affine rows by scheme, others all 1 */
    void (*init)(const cn_item *item, cn_real *params, cn_real *state);
    const char *states; /* names of the equal parts of state, as "running_mean running_var"; NULL = none */
    /* names of the equal parts of params, as "weight bias"; NULL: weight, and an affine row's bias */
    const char *names;
    int fuse; /* CN_FUSE_RELU: max(0, x), which the item before may apply; CN_FUSE_TAKES: forward does so if io->relu */
    int he;   /* 1: an activation before which CN_INIT_AUTO takes CN_INIT_HE */
} cn_layer;
enum { CN_FUSE_NONE, CN_FUSE_RELU, CN_FUSE_TAKES };

/* An item of a network, for exporters and pruning. */
enum { CN_BRANCH_NONE, CN_BRANCH_BODY, CN_BRANCH_SKIP };
#define CN_INPUT ((size_t)-1) /* the network's input, which is no item */
typedef struct cn_item_info {
    char name[40];          /* "2", "3.body.0" */
    const cn_layer *row;    /* NULL: the sum at the end of residual "3" */
    cn_item item;           /* shapes, arguments and counts */
    size_t from, also;      /* items whose outputs it takes, or CN_INPUT; also: the other one of a sum, else CN_INPUT */
    int branch;             /* CN_BRANCH_BODY, _SKIP: of the innermost residual around it */
    cn_block params, state; /* ranges of theta */
    int is_affine;
    cn_affine affine; /* z = W a + b, where is_affine */
} cn_item_info;
/* Item number index of cn_net_info.items, in the order of evaluation. CN_E_ARGUMENT: there is no such item. */
CN_API int cn_net_item(const cn_net *net, size_t index, cn_item_info *out);

/* ---- loss: one sample at a time; a row like a layer, so you may bring your own ----------------------------------- */

/* -sum_k y_k log softmax(f)_k;  1/2 ||f - y||^2 */
enum { CN_LOSS_CROSS_ENTROPY, CN_LOSS_SQUARED, CN_LOSS_COUNT };
typedef struct cn_loss {
    const char *name;
    const void *user;
    /* the loss of outputs f [K]; writes its gradient by f unless NULL. target [K]; label is -1 when targets were
       given */
    double (*value)(const void *user, size_t K, const cn_real *f, const cn_real *target, int32_t label,
                    cn_real *gradient);
    /* out = Lambda u, Lambda [K][K] the second derivative by f */
    void (*curvature)(const void *user, size_t K, const cn_real *f, const cn_real *target, int32_t label,
                      const cn_real *u, cn_real *out);
    /* rows [K][K] with Lambda = rows' rows; NULL = there is none (Lambda not semi-definite): traces of G and F then
       take a sweep */
    void (*factor)(const void *user, size_t K, const cn_real *f, const cn_real *target, int32_t label, cn_real *rows);
    int canonical; /* 1: the Fisher of the model's own labels is Lambda, so F = G */
    int classes;   /* 1: target rows are probabilities, checked */
    /* the gradient for a label drawn from the model, from K standard normals and a uniform in (0,1); NULL: no sampled
       Fisher */
    void (*draw)(const void *user, size_t K, const cn_real *f, const cn_real *normal, double uniform,
                 cn_real *gradient);
    double least, most; /* range of a target, checked; both 0: any */
} cn_loss;

/* ---- problem = network + loss + data ----------------------------------------------------------------------------- */

typedef struct cn_problem cn_problem;
/* Copied; the tensors' memory is borrowed and must outlive the problem. It may be refilled between calls (label noise,
   augmentation): labels are checked whenever they are read, CN_E_DATA names the sample; of x and targets the numbers
   are taken as they are. Points made before the refill are to be made anew: what they keep (cache_bytes, the mean
   gradient) is of the old data. */
typedef struct cn_data {
    cn_tensor x;  /* [n][inputs] or [n][c][h][w], of any type */
    double scale; /* x is multiplied by it; 0 = 1 */
    /* [n] class indices of an integer type; [n][outputs] targets of any type, which integers [n] are too where there
       is one output and the loss is not one of classes; or zero: none */
    cn_tensor y;
} cn_data;
typedef struct cn_problem_desc {
    int loss;               /* CN_LOSS_CROSS_ENTROPY ... */
    const cn_loss *custom;  /* or your own row, copied; its name and user must outlive the problem */
    uint64_t seed;          /* of dropout's masks and of the labels drawn for CN_OP_FISHER_SAMPLED */
    double label_smoothing; /* class labels become (1 - s) one-hot + s/K */
    /* samples at a time (default 128; fewer, down to 8, where a sample has more than 16384 activations) and independent
       partial sums (4): they fix the order of additions, hence the bits; threads share out lanes */
    size_t chunk, lanes;
    /* changes a sample's x [inputs] in train-mode batches: a function of step and sample alone, so that the two passes
       of a step see the same; called from several threads */
    void (*augment)(void *user, uint64_t step, size_t sample, size_t inputs, cn_real *x);
    void *augment_user;
} cn_problem_desc;
/* NULL = all data; index NULL = the first n; train: dropout (masks by seed, step, item, sample) and batch statistics
   on, where a batchnorm that would see one value a channel (one sample, one position) refuses the batch */
typedef struct cn_batch {
    const uint32_t *index;
    size_t n;
    uint64_t step;
    int train;
} cn_batch;
/* correct: argmax = label; 0 without labels */
typedef struct cn_eval {
    double loss, grad_norm;
    size_t n, correct;
    int status;
} cn_eval;

/* Checks all the data once: CN_E_SHAPE, CN_E_DATA name the sample. d may be NULL. */
CN_API cn_problem *cn_problem_create(cn_ctx *c, const cn_net *net, const cn_data *data, const cn_problem_desc *d);
typedef struct cn_problem_info {
    const cn_net *net;
    const cn_loss *loss;
    size_t n, outputs, chunk;
    int labels, targets; /* class labels; targets; neither: J, predictions, MLS and TPV alone */
} cn_problem_info;
CN_API cn_problem_info cn_problem_describe(const cn_problem *p); /* zeros for NULL */
/* Number of samples in batch k of `size` (0 = 32), which begins at sample k size; 0: there is no such batch. The last
   one is smaller; but where a batchnorm would see one value a channel, a single last sample is merged into the batch
   before, and a size of 1 is refused (0, with CN_E_ARGUMENT). cn_train and cn_recalibrate use these batches. */
CN_API size_t cn_batch_size(cn_problem *p, size_t size, size_t k);
CN_API int cn_predict(cn_problem *p, const cn_real *theta, const cn_batch *b, cn_real *out); /* [n][outputs] */
/* Outputs [n][outputs] for x [n][inputs] without a problem; eval mode. Cost: 1/3 gradient. */
CN_API int cn_forward(cn_ctx *c, const cn_net *net, const cn_real *theta, cn_tensor x, cn_real *out);
/* Loss and, unless NULL, gradient [size of theta]; after a train-mode batch its tail holds the batch's statistics (0
   else), which the optimisers mix into theta's state. Cost: 1 gradient (1/3 without). CN_E_NUMERIC: the loss, the
   gradient or the statistics are not finite. */
CN_API cn_eval cn_evaluate(cn_problem *p, const cn_real *theta, const cn_batch *b, cn_real *gradient);

/* ---- point: a problem frozen at one theta (copied); what derivatives, operators and measures refer to ------------ */

typedef struct cn_point cn_point;
/* H = mean of second derivatives; G = mean J'Lambda J; F = true Fisher, exact expectation over the model's own labels;
   C = mean g g' (uncentred); S = C - gg' with the mean gradient; J = mean J'J (TPV eq. 7); F sampled: one label a
   sample drawn from the model (the problem's seed); NTK = J J' over all samples [n*outputs], the empirical tangent
   kernel. g, J by theta, per sample. */
enum {
    CN_OP_HESSIAN,
    CN_OP_GAUSS_NEWTON,
    CN_OP_FISHER,
    CN_OP_SECOND_MOMENT,
    CN_OP_COVARIANCE,
    CN_OP_JACOBIAN_MOMENT,
    CN_OP_FISHER_SAMPLED,
    CN_OP_NTK,
    CN_OP_COUNT
};
/* cache_bytes: activations and backward signals are kept up to this budget, so that products skip those passes; it
   changes no bit. */
CN_API cn_point *cn_point_create(cn_problem *p, const cn_real *theta, size_t cache_bytes);
typedef struct cn_point_info {
    cn_problem *problem;
    const cn_real *theta; /* the point's own copy [params + state] */
    size_t n, outputs, params;
} cn_point_info;
CN_API cn_point_info cn_point_describe(const cn_point *at); /* zeros for NULL */
/* The mean loss gradient over a block [count], kept by the point. Cost: 1 gradient, once. */
CN_API int cn_gradient(cn_point *at, cn_block block, cn_real *out);
CN_API cn_op *cn_op_of(cn_point *at, int kind, cn_block block);
/* T'T, size `in`, of an item's own linear map z = T a + b (dense, conv at its input size with stride and padding, eval
   batchnorm): the root of its largest eigenvalue is the item's operator norm. A product costs two of the layer. */
CN_API cn_op *cn_op_item(cn_point *at, const char *item);
/* v [k][count] -> J v [n][k][outputs]; <= 1 gradient each */
CN_API int cn_jv(cn_point *at, cn_block block, size_t k, const cn_real *v, cn_real *out);
/* u [n][k][outputs] -> sum_i J_i'u_i [k][count]; <= 1 gradient each */
CN_API int cn_jtu(cn_point *at, cn_block block, size_t k, const cn_real *u, cn_real *out);
/* v [k][count] -> g_i.v [n][k], g_i the per-sample loss gradients; <= 1 gradient each */
CN_API int cn_gv(cn_point *at, cn_block block, size_t k, const cn_real *v, cn_real *out);

/* Per-sample gradients of the loss over a block, stored: out [n][count]. Cost: about 1 gradient, and writing n*count
   reals. */
CN_API int cn_gradients(cn_point *at, cn_block block, cn_real *out);
/* Inner products of the rows R with A = (1/n) R'R over a block: per-sample gradients (kind CN_OP_SECOND_MOMENT, out
   [n][n]; CN_OP_COVARIANCE: less their mean; CN_OP_FISHER_SAMPLED: of drawn labels), Jacobian rows
   (CN_OP_JACOBIAN_MOMENT, the empirical NTK, out [n*outputs][n*outputs]) or those times the factor of Lambda
   (CN_OP_GAUSS_NEWTON, CN_OP_FISHER). other: a second point of the same network, whose rows are the columns; NULL: the
   same. Dense layers: rows are never formed; others are stored 256 MB of columns at a time. Cost: one pass for
   each layer of the block (and for each 256 MB): a gradient, or outputs backward passes down to it, of both points; so
   L layers cost up to L times that; and the products. */
CN_API int cn_gram(cn_point *at, cn_point *other, int kind, cn_block block, double *out);
/* Batch statistics anew: theta's state = mean over all samples of the statistics of their batch, of `batch` (0 = 128)
   samples in order. */
CN_API int cn_recalibrate(cn_problem *p, cn_real *theta, size_t batch);

/* One pass that shows what is known at each affine item (dense, conv, batchnorm: z = W a + b), chunk after chunk of
   samples, in a chunk item after item. Where an item is asked for, the backward pass stops at it. Shapes below are of
   one sample: */
enum {
    CN_WANT_DELTA = 1,      /* delta [out]: loss gradient by z */
    CN_WANT_GRADIENT = 2,   /* gradient [params] of the item, and norm2 */
    CN_WANT_NORM = 4,       /* norm2 [2]: squared norms of its gradient, weight and bias apart, never formed if dense */
    CN_WANT_Z_JACOBIAN = 8, /* z_jacobian [outputs][out]: df/dz */
    CN_WANT_A_JACOBIAN = 16,     /* a_jacobian [outputs][in]: df/da through this item's weight alone */
    CN_WANT_X_JACOBIAN = 32,     /* x_jacobian [outputs][inputs]: df/dx of the whole network */
    CN_WANT_X_GRADIENT = 64,     /* x_gradient [inputs]: loss gradient by x */
    CN_WANT_JACOBIAN_NORM = 128, /* jacobian_norm2 [2]: ||df/dW||_F^2 and ||df/db||_F^2 */
    CN_WANT_Z_HESSIAN = 256,     /* z_hessian [out][out]: B, the loss's second derivative by z; own Hessian: B x aa' */
    CN_WANT_Z_FACTOR = 512, /* z_factor [outputs][out]: R with B = R'R where the network above is piecewise linear */
    CN_WANT_TANGENT = 1024, /* delta_t [tangents][out]: derivatives of delta along the changes a_t that inject writes */
    CN_WANT_PATCHES = 2048  /* patches [groups][cols][positions]: what a conv's weight multiplies; a, if dense */
};
/* n samples, numbers sample .. sample + n - 1 of the data: one, or a chunk; arrays are [n][...]. x, f and label, and of
   an item a and weight, are always there; loss, target and residual where the data have labels or targets; what else
   was not asked for is NULL. k: tangents. */
typedef struct cn_view {
    size_t n, sample;
    const char *name; /* of the item, "2" or "3.body.0"; "" is the network as a whole */
    size_t item;      /* its number, for cn_net_item */
    size_t in, out, params, inputs, outputs, k;
    cn_affine affine;
    const cn_real *weight; /* its parameters [params], in the point's theta */
    const int32_t *label;  /* -1: targets, or none */
    const double *loss, *norm2, *jacobian_norm2;
    const cn_real *x, *f, *target, *residual; /* residual [outputs]: the loss gradient by f */
    const cn_real *a, *delta, *gradient, *patches, *z_jacobian, *a_jacobian, *x_jacobian, *x_gradient;
    const cn_real *z_hessian, *z_factor, *a_t, *delta_t;
} cn_view;
typedef struct cn_visit_desc {
    unsigned want;
    const char
        *item;  /* "2", "3.body.0"; NULL: every affine item; "": the network as a whole, for x_jacobian, x_gradient */
    int chunks; /* 1: a chunk of samples a view (the problem's, the last one smaller); else one sample */
    size_t tangents; /* of CN_WANT_TANGENT; 0 = 1 */
    /* writes a_t [n][tangents][in] for CN_WANT_TANGENT, from a view without what is asked for; nonzero stops */
    int (*inject)(void *user, const cn_view *view, cn_real *a_t);
} cn_visit_desc;
/* visit returns nonzero to stop early (CN_CANCELLED). Cost: DELTA 1 gradient; JACOBIANs, Z_FACTOR and JACOBIAN_NORM
   together `outputs` backward passes; Z_HESSIAN out passes over the layers above; TANGENT 2 more. Memory: a chunk of
   what is asked for; single gradients one at a time. */
CN_API int cn_visit(cn_point *at, const cn_visit_desc *d, int (*visit)(void *user, const cn_view *view), void *user);

/* ---- optimisers: ask where, tell the gradient; works with anybody's gradient ------------------------------------- */

typedef struct cn_opt cn_opt;
enum { CN_RULE_PLAIN, CN_RULE_SAM, CN_RULE_NSO };
typedef struct cn_opt_desc {
    double lr, momentum, weight_decay; /* v = momentum v + g + weight_decay theta; theta -= lr v; lr > 0 in cn_train */
    /* CN_RULE_PLAIN; CN_RULE_SAM: gradient at theta + rho g/||g||; CN_RULE_NSO: mean of gradients at theta +- U */
    int rule;
    double rho; /* SAM's radius; 0 is plain, bit for bit */
    /* NSO's standard deviation (0 is plain, bit for bit), pairs (0 = 1), CN_NOISE_NORMAL ... */
    double sigma;
    size_t k;
    int noise;
    uint64_t seed;
    int frozen; /* 1: running statistics stay as they are */
} cn_opt_desc;
/* defaults: 1 epoch, batches of 32 */
typedef struct cn_train_desc {
    size_t epochs, batch;
    uint64_t seed;
    cn_opt_desc opt;
} cn_train_desc;

/* params are moved and perturbed; state (running statistics) becomes 0.9 state + 0.1 of the first gradient's tail of a
   step, where that is not 0: SAM's at theta itself, NSO's at the first theta + U. Sizes: theta [params + state],
   gradients too. Theta changes at the end of a step alone, all of it: a step that fails or is given up leaves it. */
CN_API cn_opt *cn_opt_create(cn_ctx *c, size_t params, size_t state, const cn_opt_desc *d);
/* where the next gradient is wanted; NULL: the step is done and theta has moved, or the call failed (c.status) */
CN_API const cn_real *cn_opt_ask(cn_opt *o, cn_real *theta);
/* CN_E_NUMERIC: a number of it, or of what the step would lead to, is not finite; the step is given up, as by
   cn_opt_reset. */
CN_API int cn_opt_tell(cn_opt *o, const cn_real *gradient);
/* Gives up the step that was begun, for instance because the gradient asked for cannot be had: the next ask begins it
   anew. */
CN_API void cn_opt_reset(cn_opt *o);
/* the loop of ask and tell; loss of the first ask. A step that fails is given up. CN_DRY, nothing done, where either
   context, the optimiser's or the problem's, is in a dry run. */
CN_API cn_eval cn_opt_step(cn_opt *o, cn_problem *p, cn_real *theta, const cn_batch *b);
/* The step size from the next update on, for schedules; CN_E_ARGUMENT unless finite and not negative. */
CN_API int cn_opt_lr(cn_opt *o, double lr);
/* What an optimiser carries from one step to the next, in place: read it to save it; write it into an optimiser made
   alike to go on from there, bit for bit. values [count]: the velocity (none without momentum); step: the steps done,
   which key NSO's noise. Valid as long as the optimiser. Between steps only (before the first ask, after an ask that
   gave NULL): else CN_E_ARGUMENT and NULLs. */
typedef struct cn_opt_kept {
    cn_real *values;
    size_t count;
    uint64_t *step;
    int status;
} cn_opt_kept;
CN_API cn_opt_kept cn_opt_state(cn_opt *o);
/* Shuffled mini-batches, cut by cn_batch_size. Returns the loss over all data at the end. Cancelled: theta is what was
   reached, whose loss may not be finite. Diverged: CN_E_NUMERIC, theta is where the loss, its gradient or the next step
   stopped being finite. Progress: epochs done, value = batch loss. */
CN_API cn_eval cn_train(cn_problem *p, cn_real *theta, const cn_train_desc *d);

/* ---- measures: one function, one formula, one citation; descriptors may be NULL ---------------------------------- */

/* How TIC sums over the spectrum of A = H (or F), by the last word of CN_TIC_...:
   DENSE        the matrix of the block and its eigenpairs. Cost: P products, an eigenproblem of P, P forward-mode
                products with the gradients.
   GRAM         F alone: F = R'R/n with outputs rows a sample (outputs - 1 for class probabilities) has the spectrum of
                RR'/n, [rows n][rows n]; the block must be whole layers or one part of a layer, the loss must have a
                factor. Cost: see cn_tic_fisher.
   QUADRATURE   any size, with a standard error: a probe is z = n^(-1/2) sum_i e_i g_i with random signs e, so that
                E zz' = C; `steps` Lanczos steps with A from z give nodes t and weights w, and |z|^2 sum w/t over nodes
                above the cut is the probe's value. half_steps: the same by half the steps, whose distance shows what
                the steps leave out and the error does not see. Cost: probes (steps products + 1 gradient).
   PARTIAL      the largest `pairs` by Lanczos: a lower bound of the sum unless kept_known. Cost: that of cn_eigs for
                as many pairs, and `pairs` forward-mode products.
   DIAGONAL     of the diagonals alone: sum C_jj/A_jj over A_jj above the cut. Cost: cn_diagonal of both.
   LAYERS       of the block-diagonal part of A, a block an item, each of at most 5000 parameters.
   AUTO         the smaller of dense and Gram if its side is at most 5000, else quadrature. */
enum {
    CN_TIC_AUTO,
    CN_TIC_DENSE,
    CN_TIC_GRAM,
    CN_TIC_PARTIAL,
    CN_TIC_QUADRATURE,
    CN_TIC_DIAGONAL,
    CN_TIC_LAYERS,
    CN_TIC_FORMS
};
typedef struct cn_tic_desc {
    double cut;     /* in (0, 1); 0 = 1e-3 */
    size_t train_n; /* N; 0 = the point's own n */
    cn_block block; /* zero = all parameters */
    /* 1: |lambda| > cut lambda_max is kept, negative ones with their sign; lambda_max > 0 all the same */
    int keep_negative;
    int form;     /* CN_TIC_AUTO ... */
    size_t pairs; /* of the partial form, default 100: half of them from below with keep_negative on H */
    /* of the quadrature: probes (default 32), steps (default 80), rel_error, seed, kind; method is not read */
    cn_probe_desc probe;
    /* bytes of its Lanczos vectors, default 2^28: where steps + 1 of them fit, every vector is made orthogonal to all
       before it, else three are held */
    size_t basis_bytes;
    /* the dense H (F) of this point and block, where cn_op_dense has made it already; else NULL */
    const cn_real *matrix;
} cn_tic_desc;
typedef struct cn_tic_result {
    double tic; /* (1/train_n) sum over kept of v'Cv / lambda */
    /* of the quadrature: its standard error over the probes, and tic by half the steps; else 0 and tic */
    double error, half_steps;
    double half_cut, double_cut; /* tic at half and at twice the cut */
    /* min_j |lambda_j - cut lambda_max| / (cut lambda_max): near 0, a small change of A changes which are kept */
    double cut, gap_to_cut;
    double ratio;    /* tr C / tr F as it is (1/train_n of it is the cheapest form of TIC); 0 where F is unknown or 0 */
    double dropped;  /* share of sum |lambda| outside the kept set */
    double share;    /* share of sum |lambda| that the eigenpairs examined hold: 1 when all were */
    double residual; /* of the partial form: largest ||Av - lambda v|| over lambda_max; else 0 */
    double largest;  /* lambda_max; of the quadrature its largest node */
    /* eigenpairs examined; of these: kept by the cut, and below -1e-10 lambda_max (float -1e-5) */
    size_t examined, kept, negative;
    size_t probes; /* of the quadrature, finished; else 0 */
    /* 1: the number above is that of the whole spectrum. 0, in the partial form: eigenvalues that were not examined may
       change it; in the quadrature, which examines none: it is 0. gap_to_cut is known where kept is */
    int kept_known, negative_known, dropped_known;
    int lower_bound;         /* 1: pairs above the cut may be missing, each of which adds to tic */
    int three_vectors;       /* 1: of the quadrature, without the whole basis */
    int form, exact, status; /* the form taken; 1: the whole spectrum was seen */
} cn_tic_result;
/* Takeuchi's criterion (1/N) tr(H^-1 C) [TIC eq. 15] over eigenpairs with lambda > cut lambda_max [App. B.1], C
   uncentred. Points at test data with train_n given are the paper's best predictor of the generalisation gap; it
   presumes a point near a minimum. A relu network's H is not G: eigenvalues below zero are real, though tr H = tr G.
   Up to 40 % of all eigenpairs of real networks are kept. The partial form does not see sum |lambda|: `share` and
   `dropped` count what is outside the pairs examined as |tr A - their sum|, which is exact for F, and for H, whose
   parts cancel, leaves share too high and dropped too low; where the trace has no closed form it is taken by 100
   probes. Of an eigenvalue that occurs several times Lanczos may miss copies (share shows it). Cancelled: the
   quadrature has the probes that were finished. CN_E_UNSUITED: no positive eigenvalue. */
CN_API cn_tic_result cn_tic(cn_point *at, const cn_tic_desc *d);
/* The same with F in H's place, tr(F^+ C)/N [TIC section 5.5.1], F the true Fisher. Cost of the Gram form: cn_gram of
   Jacobian rows, that is outputs backward passes and (n outputs)^2 inner products a layer; an eigenproblem of n rows;
   memory about 4 (n outputs)^2 reals, never n x P numbers for dense layers.
   CN_E_UNSUITED: the Fisher of this loss is not known. */
CN_API cn_tic_result cn_tic_fisher(cn_point *at, const cn_tic_desc *d);
/* cn_tic for `cuts` cuts from one eigenproblem: r [cuts]. d->cut is not read; r is as it was where this fails. */
CN_API int cn_tic_curve(cn_point *at, const cn_tic_desc *d, size_t cuts, const double *cut, cn_tic_result *r);

/* Influence functions [Koh, Liang 2017] of the point's samples, with A = H (default), G or F and g_i the gradients of
   their losses; a sample counts for 1/N of the training loss. */
typedef struct cn_influence_desc {
    int kind;       /* CN_OP_HESSIAN, CN_OP_GAUSS_NEWTON, CN_OP_FISHER */
    double ridge;   /* (A + ridge I)^-1; not negative */
    double cut;     /* of cn_leave_one_out with ridge 0: pairs with lambda > cut lambda_max; 0 = 1e-3, as TIC */
    size_t train_n; /* N; 0 = the point's own n */
    cn_block block; /* zero = all parameters */
    /* of conjugate gradients, as for cn_solve */
    double tolerance;
    size_t most;
} cn_influence_desc;
/* out [n]: (1/N) g_i'(A + ridge I)^-1 g, g the mean gradient at `other` (NULL: at the point itself), a point of the
   same network and theta with other data, such as a test set: to first order the rise of the loss there when sample i
   is left out of training. One cn_solve, whose result is returned, and 2 gradients. CN_E_NUMERIC: A + ridge I is not
   positive definite. */
CN_API cn_iter cn_influence(cn_point *at, cn_point *other, const cn_influence_desc *d, double *out);
/* out [n]: (1/N) g_i'(A + ridge I)^-1 g_i, to first order the rise of sample i's own loss when it is left out. With
   ridge 0 its mean is TIC over the same set with the same cut. Up to 5000 parameters by A's eigenpairs: cost as TIC's
   dense form; with a ridge all pairs count, CN_E_NUMERIC unless all lambda + ridge > 0. Beyond, a cn_solve a sample,
   and ridge must be above 0; residual: the largest. */
CN_API cn_iter cn_leave_one_out(cn_point *at, const cn_influence_desc *d, double *out);

/* Noise scales over a block, g the mean gradient [McCandlish, Kaplan, Amodei 2018]: batch sizes at which noise and
   gradient weigh the same. Of the point's data as they are: ||g||^2 exceeds that of the data's source by tr S/n on
   average. CN_E_UNSUITED: g is 0, for `curved` that g'Hg is not above 0; simple is there all the same. */
typedef struct cn_noise_scale_result {
    cn_est simple; /* tr S / ||g||^2 [eq. 2.9] */
    cn_est curved; /* tr(HS) / g'Hg [eq. 2.8] */
    double signal; /* gradient signal-to-noise ratio ||g||^2 / tr S, 0 where that is 0 */
    int status;
} cn_noise_scale_result;
/* d as for cn_trace and cn_inner. Cost: those of tr S and tr(HS), and 3 gradients. */
CN_API cn_noise_scale_result cn_noise_scale(cn_point *at, cn_block block, const cn_probe_desc *d);
/* Alignment tr(HC) / (2 L ||H||_F^2), L the loss [Wu, Wang, Su 2022]; the error is that of both traces, as if they were
   independent. CN_E_UNSUITED: L or H is 0. Cost: two of cn_inner. */
CN_API cn_est cn_alignment(cn_point *at, cn_block block, const cn_probe_desc *d);
/* Effective dimension: the sum of lambda/(lambda + delta) over the eigenvalues [MacKay 1992], delta > 0. Cost and
   errors as cn_trace_of; CN_E_NUMERIC: an eigenvalue (or node) is -delta or below. */
CN_API cn_est cn_effective_dimension(cn_op *a, double delta, const cn_probe_desc *d);
/* Share of ||g||^2, g the mean gradient, in the span of H's `top` largest eigenvectors [Gur-Ari, Roberts, Dyer 2018].
   Cost: cn_eigs for as many pairs, and a gradient. error and exact are 0: there is no estimate of the error; probes:
   products. CN_E_UNSUITED: g is 0. */
CN_API cn_est cn_gradient_share(cn_point *at, cn_block block, size_t top);
/* Worst-case sharpness max L(theta + u) - L(theta) over ||T^-1 u|| <= rho [Keskar et al. 2017; adaptive, T = |theta| +
   eta: Kwon et al. 2021], sought by `steps` (default 10) ascent steps u <- rho T^2 g/||T g||, the best of them kept: a
   lower bound of the maximum. First order alone: steps = 1. error and exact are 0; probes: steps. Cost: a gradient a
   step and a loss. */
typedef struct cn_worst_desc {
    double rho;
    int adaptive;
    double eta; /* of T, 0.01 where 0 and adaptive */
    size_t steps;
    cn_block block; /* zero = all parameters */
} cn_worst_desc;
CN_API cn_est cn_worst_sharpness(cn_point *at, const cn_worst_desc *d);

/* Of m (1 to 64) symmetric operators A, B, .. of one size, from one set of probes [TIC section 5.3]; Frobenius norms.
   Arrays of the caller's; NULL: not wanted. trace, rank [m]; the others [m][m], of which the entries a m + b with a < b
   are written. */
typedef struct cn_comparison {
    cn_est *trace, *rank; /* tr A; effective rank (tr A)^2 / ||A||^2 */
    cn_est *r, *s;        /* tr A / tr B; tr(AB) / (||A|| ||B||) */
    cn_est *frob2;        /* ||A - B||^2 */
    cn_est *commutator;   /* ||AB - BA|| / (2 ||A|| ||B||) */
} cn_comparison;
/* d as for cn_trace (NULL: defaults). Exact: `size` products with each, m dense matrices; with commutators one more and
   size^3 multiply-adds a pair. Else each probe z takes a product with each, with commutators two more a pair:
   E z'Az = tr A, E Az.Bz = tr(AB), E |(AB - BA)z|^2 = ||AB - BA||^2; errors by the jackknife over the probes (Efron
   1981), a bias of order 1/probes stays in ratios. CN_METHOD_AUTO takes traces, and so r, from closed forms where there
   are some. rel_error is asked of all that is wanted but frob2. What is not defined, because an operator or its trace
   is 0, has value 0 and status CN_E_UNSUITED, which is then also that of the whole; the others are there. CN_E_SHAPE:
   sizes differ; CN_E_UNSUITED beside the above: an operator is not symmetric. Cancelled: the
   probes that were finished, entries of status CN_CANCELLED; another failure before there are any leaves the arrays as
   they were. */
CN_API int cn_compare(size_t m, cn_op *const *op, const cn_probe_desc *d, const cn_comparison *out);
/* The same of two. status: that of r, else of s. */
typedef struct cn_similarity_result {
    cn_est r, s, frob2;
    int status;
} cn_similarity_result;
CN_API cn_similarity_result cn_similarity(cn_op *a, cn_op *b, const cn_probe_desc *d);
CN_API cn_est cn_commutator(cn_op *a, cn_op *b, const cn_probe_desc *d);

/* Sensitivity to the input x, three forms. LOGITS: mean over samples of ||df/dx||_F; PROBABILITIES: the same of
   softmax(f) [Novak et al. 2018]; a network that ends in softmax has its probabilities under LOGITS; LOSS: mean of
   ||dl/dx||^2 [TIC section 5.6]. Always exact, error 0. Cost: outputs backward passes (LOSS: one). */
enum { CN_SENSITIVITY_LOGITS, CN_SENSITIVITY_PROBABILITIES, CN_SENSITIVITY_LOSS };
CN_API cn_est cn_sensitivity(cn_point *at, int form);

/* The MLS family: how far outputs move with inputs, against how sharp the loss is. A_i = df(x_i)/dx [outputs][inputs];
   of a dense or conv layer l: x^l its input, z = W x^l + b, df/dx^l through its own weight, a skip around it held
   fixed, df/dW without the bias. ||.||_2 is the largest singular value, K the number of outputs, means are over
   samples. Singular values below 1e-7 sqrt(K) (float 3e-6 sqrt(K)) of the largest count as 0. */
/* Sensitivity to the input, and its bounds by flatness [MLS; definitions and equations in brackets are that paper's].
   Of a sample A = df/dx [outputs = K][inputs]; x^l, W: input and weight of layer l (dense, conv); means are over
   samples. What cn_mls is asked for: INPUT: mls, normalized, local_dim; INVARIANT: input_invariant; LAYERS: nmls;
   VOLUMES: of A_i and of the layers; BOUNDS: the bounds and all of cn_mls_layer, with LAYERS and SHARPNESS. */
enum { CN_MLS_INPUT = 1, CN_MLS_INVARIANT = 2, CN_MLS_LAYERS = 4, CN_MLS_VOLUMES = 8 };
enum { CN_MLS_SHARPNESS = 16, CN_MLS_BOUNDS = 32, CN_MLS_ADAPTIVE = 64 };
typedef struct cn_mls_layer { /* what its bounds are made of */
    char name[40];
    size_t item;            /* for cn_net_item */
    double norm, frobenius; /* ||W||_2, of a conv the norm of its map at its input size; ||W||_F */
    double least;           /* min ||x^l|| */
    double mls, volume;     /* means of ||df/dx^l||_2, of the product of its singular values */
    double ratio, signal;   /* means of ||df/dW||_F / ||x^l||, ||df/dz||_F (of a dense layer they are one) */
    double jacobian2;       /* mean ||df/dW||_F^2: its part of sharpness */
    double inverse2;        /* mean 1/||x^l||^2; its -1/2 power is [eq. 34] */
    double mls_power, ratio_power, jacobian_power; /* means of powers of ||df/dx^l||_2, the ratio, ||df/dW||_F */
    double adaptive;                               /* its weight's part of adaptive */
    /* K^(-K/2) mean ||df/dx^l||_F^K, mean (norm/||x^l||)^(2K) [eqs 9, 10]: of VOLUMES and BOUNDS */
    double frobenius_k, inverse_k;
    size_t zeros, beyond; /* samples with x^l = 0; with ||df/dx^l||_2 above norm ||df/dW||_F / ||x^l|| */
} cn_mls_layer;
typedef struct cn_mls_desc {
    unsigned want; /* CN_MLS_...; 0 = all */
    int nonzero;   /* 1: volumes are products of the nonzero singular values alone; else they are 0 below rank K */
    int total;     /* 1: df/dx^l through all that takes x^l, a skip too; [eq. 12] is then no theorem */
    double power;  /* k of [eq. 6], default 2 */
    cn_mls_layer *layers; /* room for so many, in the network's order, or NULL; cn_mls_result.layers are there */
    size_t room;
} cn_mls_desc;
typedef struct cn_mls_result { /* what was not asked for is 0 */
    double mls;                /* mean ||A||_2 [Def. 3.7] */
    double normalized;         /* mean ||x||^2 ||A||_2^2 [Def. F.1] */
    double input_invariant;    /* mean sum_p ||df/dx_p||^2 x_p^2 [eq. 43] */
    double invariant_bound;    /* that over the first layer's outputs: at most adaptive [eq. 44]. 0 unless that layer is
                               dense and alone takes x */
    double local_dim;          /* mean tr(AA')^2/tr((AA')^2) [eq. 15]; 0 where A is 0 */
    double volume, log_volume; /* mean of the product of the K singular values [Def. 3.3], and of its logarithm (of
                                  those that are not 0), which is 0 where a sample is deficient, unless nonzero */
    size_t deficient;          /* samples whose A has rank below K */
    double nmls, network_volume; /* sums over layers of mls [Def. 3.9] and of volume [Def. 3.5] */
    double sharpness;            /* S = (1/n) sum ||df_i/dtheta||_F^2, tr H at interpolation [eq. 3] */
    double adaptive;             /* (1/n) sum_i sum_j theta_j^2 ||df_i/dtheta_j||^2 [eq. 41] */
    /* A <= B <= C <= D of the first layer [eq. 48]: mls, norm ratio, norm sqrt(inverse2 jacobian2), norm sqrt(inverse2
       S). Of convolutions A <= B may fail (positions cancel): see beyond; norm signal is a bound there too */
    double bound_a, bound_b, bound_c, bound_d;
    double nmls_bound;    /* of nmls: sqrt(sum norm^2 inverse2) sqrt(S) [eq. 12] */
    size_t layers, zeros; /* there are; sum of theirs. With zeros C, D and nmls_bound are infinite, and 0 here */
    int status;
} cn_mls_result;
/* Labels are not needed. Cost: `outputs` backward passes together, without the first dense layer's (norms of df/dx go
   through the triangle of W = L Q), an eigenproblem of K a sample and layer, and: INVARIANT the first layer's passes;
   BOUNDS a norm a layer; of conv layers SHARPNESS, BOUNDS and ADAPTIVE `outputs` gradients a sample. CN_E_NUMERIC: a
   number is too large, most likely a volume, which others are to be had without. */
CN_API cn_mls_result cn_mls(cn_point *at, const cn_mls_desc *d);

/* Adaptive sharpness sum_j theta_j^2 H_jj [MLS eq. 40], which rescaling layers does not change. diagonal [params]: of
   H, where it is there already (J's gives eq. 41), else NULL. Cost: that of cn_inner, a diagonal where that has a
   closed form. Sharpness by layers, relative flatness and sums of bounds over layers, all made of what stands here:
   examples/measures.h. */
CN_API cn_est cn_adaptive_sharpness(cn_point *at, const cn_real *diagonal, const cn_probe_desc *d);

/* Independent noise of standard deviation sd on every parameter of the block: kind CN_NOISE_NORMAL (default) ...
   CN_NOISE_SIGN. relative: sd |theta_j| instead, on parameter j. */
typedef struct cn_noise_desc {
    double sd;
    cn_block block;
    int kind, relative;
} cn_noise_desc;
/* Test prediction variance under such noise to first order, sd^2 tr J [TPV eq. 6, Rem. 3.4], or sd^2 sum theta_j^2
   J_jj; sum over outputs. The kind does not enter. */
CN_API cn_est cn_tpv(cn_point *at, const cn_noise_desc *noise, const cn_probe_desc *d);
/* Perturbation gap E_U (L(theta + U) + L(theta - U))/2 - L(theta) [NSO eq. 4] by d->probes pairs (default 100;
   rel_error and seed as elsewhere; another method than Hutchinson's or AUTO is refused), with its standard error. It
   tends to sd^2/2 tr H as sd goes to 0 on smooth networks; relu kinks, which H does not see, change it at every sd: (2
   gap / sd^2) / tr H - 1 is the kink share. Of relative noise 2 gap / sd^2 is the sampled adaptive sharpness [MLS
   eq. 38; eq. 46 is the gap itself]. Parameters are perturbed, running statistics are not. In float a loss is good to
   1e-7: the gap should be well above that. Cost: 2 losses (2/3 gradient) a pair. */
CN_API cn_est cn_perturbation_gap(cn_point *at, const cn_noise_desc *noise, const cn_probe_desc *d);

/* ---- files: parsed in memory; malformed input is CN_E_FILE and changes nothing ----------------------------------- */

#ifndef CN_NO_FILES
#ifndef CN_NO_STDIO
/* A whole file in memory made with c (cn_free), 64-byte aligned, and a 0 after its last byte, so that a text is a
   string. NULL on error: CN_E_FILE names the path. The path must be an ordinary file: its length is asked first. Paths
   are UTF-8; on Windows too, where one that is not valid UTF-8, or longer than 1000 characters, is taken in the
   system's code page. */
CN_API void *cn_file_read(cn_ctx *c, const char *path, size_t *bytes);
/* Written to PATH.partial, then renamed: a reader sees the old file or the new one, never half of it (Windows: or
   none). On any failure the old file stays and the other is removed. */
CN_API int cn_file_write(cn_ctx *c, const char *path, const void *data, size_t bytes);
#endif
/* A tensor from a file's bytes, recognised by content:
       npy          versions 1 to 3; integers, bool (as CN_TYPE_U8), f2 (as CN_TYPE_F32), f4, f8; either byte order, C
                    or Fortran order
       safetensors  the tensor `name` (NULL or "": the only one there is); F64 F32 F16 BF16 (both as CN_TYPE_F32) I8 to
                    I64, U8 to U64, BOOL
       IDX          as MNIST's, unzipped
       CIFAR-10     the binary version, where nothing else fits: `name` "x" (or NULL) is [n][3][32][32], "y" the labels
                    [n], both CN_TYPE_U8
   One to four dimensions; none at all counts as one of size 1; no elements are refused. out->data lies in `file` where
   its bytes can be used as they are (type, byte order, C order, alignment), else in memory made with c, at most twice
   the tensor's bytes and 32 for each tensor that a safetensors file holds. Only what lies outside the file's bytes may
   be given to cn_free; cn_free_all is right for either. Values are not looked at: NaN passes. Formats: numpy's NEP 1;
   github.com/huggingface/safetensors (without overlaps and holes); yann.lecun.com/exdb/mnist; Krizhevsky 2009. */
CN_API int cn_tensor_read(cn_ctx *c, const void *file, size_t bytes, const char *name, cn_tensor *out);
/* As npy version 1.0, little-endian, C order. Returns the bytes it takes, as snprintf does, and writes only where they
   fit; 0: t is no tensor. */
CN_API size_t cn_tensor_write(cn_tensor t, void *out, size_t capacity);
/* theta [params + state] from safetensors with the names of cn_net_part, which are those of PyTorch's Sequential, so
   that save_file(model.state_dict()) is read as it is: every part must be there in its exact shape (CN_E_SHAPE), no
   other but num_batches_tracked, which is ignored. Or from a flat npy vector of `params` reals (state is then as
   cn_net_init makes it: mean 0, variance 1) or of params + state. CN_E_DATA: an element is NaN, infinite or beyond
   cn_real; tensor and element are named. */
CN_API int cn_theta_read(cn_ctx *c, const cn_net *net, const void *file, size_t bytes, cn_real *theta);
/* The same as safetensors, F32 or F64 as cn_real is. Returns the bytes it takes and writes only where they fit; 0 for
   NULL. */
CN_API size_t cn_theta_write(const cn_net *net, const cn_real *theta, void *out, size_t capacity);
/* Any named tensors as safetensors (name and value of each part are read, nothing else), the data in order of falling
   element size, so that each lies aligned. Returns as above; 0: a tensor is empty, or a name is, occurs twice or has
   control characters. */
CN_API size_t cn_parts_write(const cn_part *parts, size_t count, void *out, size_t capacity);
#endif

#ifdef __cplusplus
}
#endif
#endif /* CURVNOISE_H */

/* ================================================================================================================== */
#if defined(CURVNOISE_IMPLEMENTATION) && !defined(CURVNOISE_IMPLEMENTED)
#define CURVNOISE_IMPLEMENTED

#ifndef CN_FLOOR_MAX
#define CN_FLOOR_MAX 14
#endif
#include <math.h>
#include <string.h>
#if !defined(CN_NO_FILES) && !defined(CN_NO_STDIO)
#include <errno.h>
#include <stdio.h>
#ifdef _WIN32
#include <wchar.h>
#endif
#endif
#ifndef CN_NO_MESSAGES
#include <stdarg.h>
#endif
#if !defined(CN_NO_MALLOC) && !defined(CN_MALLOC)
#include <stdlib.h>
#define CN_MALLOC(bytes) malloc(bytes)
#define CN_FREE(memory) free(memory)
#endif
/* x86 kernels need per-function targets and every vector type: not MSVC, nor clang before 19 with MSVC's headers, which
   leaves out the types that the command line does not enable. */
#if !defined(CN_NO_SIMD) && !defined(__TINYC__)
#if (defined(__x86_64__) || defined(__i386__)) &&                         \
    !(defined(_MSC_VER) && defined(__clang__) && __clang_major__ < 19) && \
    (defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 7))
#define CN__X86 1
#include <immintrin.h>
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__ARM_NEON) && defined(__GNUC__)
#define CN__NEON 1
#include <arm_neon.h>
#elif defined(__wasm_simd128__)
#define CN__WASM 1
#include <wasm_simd128.h>
#endif
#endif
#ifdef CURVNOISE_USE_CBLAS
#include <cblas.h>
#endif
#ifdef _OPENMP
#include <omp.h>
#endif
#ifndef CN_COUNT
#define CN_COUNT(multiply_adds)
#endif

/* ==== FLOOR 1: base: context, memory, sentences, numbers as text ================================================== */
#if CN_FLOOR_MAX >= 1

#define CN__ALIGN 64 /* a cache line, and the widest vector */
#define CN__INVALID ((size_t)-1)
#define CN__MIN(a, b) ((a) < (b) ? (a) : (b))
#define CN__MAX(a, b) ((a) > (b) ? (a) : (b))

/* CN_REAL is float or double */
typedef char cn__check_real[CN__IS(CN_REAL) ? sizeof(cn_real) == 8 : sizeof(cn_real) == 4 ? 1 : -1];

/* The bits of a double, through an empty instruction: else -ffast-math concludes that it is finite. */
static uint64_t cn__bits(double x) {
    uint64_t bits;
    memcpy(&bits, &x, 8);
#if defined(__GNUC__) && !defined(__TINYC__)
    __asm__("" : "+r"(bits));
#endif
    return bits;
}

static int cn__finite(double x) { return (cn__bits(x) >> 52 & 0x7FF) != 0x7FF; }
static int cn__nan(double x) { return cn__bits(x) << 1 > (uint64_t)0x7FF << 53; }

/* Finite, and least <= x < most */
static int cn__within(double x, double least, double most) { return cn__finite(x) && x >= least && x < most; }

#if CN__DOUBLE
typedef uint64_t cn__pattern; /* the bits of a real */
#define CN__EXPONENT ((uint64_t)0x7FF << 52)
#else
typedef uint32_t cn__pattern;
#define CN__EXPONENT ((uint32_t)0xFF << 23)
#endif

static size_t cn__first_not_finite(size_t n, const cn_real *x) /* n when all are finite */
{
    enum { SOME = 32 };
    cn__pattern word[SOME], bad = 0;
    size_t i, j;
    for (i = 0; i + SOME <= n && !bad; i += bad ? 0 : SOME) {
        memcpy(word, x + i, sizeof word);
        for (j = 0; j < SOME; j++) bad |= (cn__pattern)((word[j] & CN__EXPONENT) == CN__EXPONENT);
    }
    while (i < n && cn__finite((double)x[i])) i++;
    return i;
}

static int cn__overflows(size_t a, size_t b) { return b && a > (size_t)-1 / b; }
/* too much stays too much */
static size_t cn__times(size_t a, size_t b) { return cn__overflows(a, b) ? (size_t)-1 : a * b; }
static size_t cn__plus(size_t a, size_t b) { return a > (size_t)-1 - b ? (size_t)-1 : a + b; }

/* ---- numbers as text: strtod and printf depend on the locale, and small libcs lack %zu */

enum { CN__BIG = 48 }; /* 32-bit words: more than 10^400 times 20 digits, or 2^1076 times as many */

static void cn__big_times(uint32_t *b, uint32_t base, int power) /* b *= base^power, base at most 10 */
{
    uint64_t factor, carry;
    int i;
    for (; power > 0; power -= 9) {
        for (factor = base, i = 1; i < CN__MIN(power, 9); i++) factor *= base;
        for (carry = 0, i = 0; i < CN__BIG; i++, carry >>= 32) {
            carry += factor * b[i];
            b[i] = (uint32_t)carry;
        }
    }
}

/* Does digits 10^exponent round beyond the double of these bits, to one further up? Ties go to the even one. */
static int cn__rounds_up(uint64_t digits, int exponent, uint64_t bits) {
    uint64_t hidden = (uint64_t)1 << 52, middle = 2 * ((bits & (hidden - 1)) | (bits < hidden ? 0 : hidden)) + 1;
    uint32_t big[2][CN__BIG];
    int i, two = (int)CN__MAX(bits >> 52, 1) - 1076; /* middle 2^two lies half way to the next */
    memset(big, 0, sizeof big);
    big[0][0] = (uint32_t)digits;
    big[0][1] = (uint32_t)(digits >> 32);
    big[1][0] = (uint32_t)middle;
    big[1][1] = (uint32_t)(middle >> 32);
    cn__big_times(big[exponent < 0], 10, exponent < 0 ? -exponent : exponent);
    cn__big_times(big[two >= 0], 2, two < 0 ? -two : two);
    for (i = CN__BIG - 1; i > 0 && big[0][i] == big[1][i]; i--) {
    }
    return big[0][i] > big[1][i] || (big[0][i] == big[1][i] && (bits & 1));
}

/* The double nearest to digits 10^exponent: from one that is some roundings off, step by step [Clinger 1990, algorithm
   R]. */
static double cn__decimal(uint64_t digits, int exponent) {
    volatile double guess = (double)digits; /* else -ffast-math takes the powers of ten together */
    double x;
    uint64_t bits, infinite = (uint64_t)0x7FF << 52;
    int e, steps;
    if (!digits || exponent < -400) return 0;
    exponent = CN__MIN(exponent, 400);
    for (e = exponent; e > 0; e--) guess = guess * 10;
    for (; e < 0; e++) guess = guess / 10;
    x = guess;
    memcpy(&bits, &x, 8);
    bits = CN__MIN(bits, infinite - 1);
    for (steps = 0; steps < 1000; steps++) { /* bounded for processors that take the smallest numbers for 0 */
        if (bits < infinite && cn__rounds_up(digits, exponent, bits))
            bits++;
        else if (bits && !cn__rounds_up(digits, exponent, bits - 1))
            bits--;
        else
            break;
    }
    memcpy(&x, &bits, 8);
    return x;
}

/* Decimal number at s; returns the end, or s if there is none. The nearest double to the first 19 digits. */
static const char *cn__parse_number(const char *s, double *out) {
    const char *at = s;
    uint64_t digits = 0;
    int negative = *at == '-', exponent = 0, any = 0, point = 0, e = 0, e_negative;
    if (*at == '-' || *at == '+') at++;
    for (; (*at >= '0' && *at <= '9') || (*at == '.' && !point); at++) {
        if (*at == '.') {
            point = 1;
            continue;
        }
        any = 1;
        if (digits < (uint64_t)1000000000 * 1000000000) {
            digits = digits * 10 + (uint64_t)(*at - '0');
            exponent -= point;
        } else
            exponent += !point;
    }
    if (!any) return s;
    if (*at == 'e' || *at == 'E') {
        const char *mark = at++;
        e_negative = *at == '-';
        if (*at == '-' || *at == '+') at++;
        if (*at < '0' || *at > '9')
            at = mark;
        else
            for (; *at >= '0' && *at <= '9'; at++)
                if (e < 100000) e = e * 10 + (*at - '0');
        exponent += e_negative ? -e : e;
    }
    *out = cn__decimal(digits, exponent);
    if (negative) *out = -*out;
    return at;
}

typedef struct cn__text {
    char *at;
    size_t room, length;
} cn__text; /* length counts also what found no room */

static void cn__put_bytes(cn__text *t, const void *bytes, size_t n) {
    size_t fit = CN__MIN(n, t->room);
    t->length = cn__plus(t->length, n);
    if (!fit) return;
    memcpy(t->at, bytes, fit);
    t->at += fit;
    t->room -= fit;
}

static void cn__put(cn__text *t, const char *s) { cn__put_bytes(t, s, strlen(s)); }

static void cn__put_size(cn__text *t, uint64_t v) {
    char digits[24];
    int n = 23;
    digits[n] = 0;
    do digits[--n] = (char)('0' + (int)(v % 10));
    while ((v /= 10) != 0);
    cn__put(t, digits + n);
}

static cn__text cn__text_at(void *out, size_t room) {
    cn__text t;
    t.at = (char *)out;
    t.room = out ? room : 0;
    t.length = 0;
    return t;
}

#ifndef CN_NO_MESSAGES
static void cn__put_number(cn__text *t, double v) /* six significant digits, as %g */
{
    int exponent = 0, i, digits;
    uint64_t m;
    char c[2] = {0, 0}, buffer[16];
    if (!cn__finite(v)) {
        cn__put(t, cn__nan(v) ? "NaN" : cn__bits(v) >> 63 ? "-Inf" : "Inf");
        return;
    }
    if (v < 0) {
        cn__put(t, "-");
        v = -v;
    }
    if (v == 0) {
        cn__put(t, "0");
        return;
    }
    while (v >= 1e6) {
        v /= 10;
        exponent++;
    }
    while (v < 1e5) {
        v *= 10;
        exponent--;
    }
    m = (uint64_t)(v + 0.5);
    if (m >= 1000000) {
        m /= 10;
        exponent++;
    }
    for (digits = 6; digits > 1 && m % 10 == 0; digits--) {
        m /= 10;
        exponent++;
    }
    for (i = digits - 1; i >= 0; i--, m /= 10) buffer[i] = (char)('0' + (int)(m % 10));
    exponent += digits - 1; /* of the first digit */
    if (exponent < -5 || exponent > 6) {
        for (i = 0; i < digits; i++) {
            if (i == 1) cn__put(t, ".");
            c[0] = buffer[i];
            cn__put(t, c);
        }
        cn__put(t, exponent < 0 ? "e-" : "e");
        cn__put_size(t, (uint64_t)(exponent < 0 ? -exponent : exponent));
        return;
    }
    if (exponent < 0) {
        cn__put(t, "0.");
        for (i = -1; i > exponent; i--) cn__put(t, "0");
    }
    for (i = 0; i < digits || i <= exponent; i++) {
        if (exponent >= 0 && i == exponent + 1) cn__put(t, ".");
        c[0] = i < digits ? buffer[i] : '0';
        cn__put(t, c);
    }
}
#endif

/* ---- the first error and its sentence */

/* Does a status in the context stop the calls that follow? Not what was asked for or may be better next time
   (CN_CANCELLED, CN_DRY, CN_E_MEMORY), and not what is an answer (CN_E_NUMERIC, CN_E_UNSUITED). */
static int cn__blocking(int status) {
    return status >= CN_E_ARGUMENT && status != CN_E_MEMORY && status != CN_E_NUMERIC && status != CN_E_UNSUITED;
}

/* Records a status with a sentence (%s text, %z size_t, %d int, %g double); the first error stays. Returns the
   status. */
static int cn__fail(cn_ctx *c, int status, const char *format, ...) {
#ifndef CN_NO_MESSAGES
    va_list args;
    cn__text t;
    if (cn__blocking(c->status)) return c->status;
    t = cn__text_at(c->message, sizeof c->message - 1);
    va_start(args, format);
    for (; *format; format++) {
        char plain[2] = {0, 0};
        if (*format != '%') {
            plain[0] = *format;
            cn__put(&t, plain);
            continue;
        }
        switch (*++format) {
        case 's':
            cn__put(&t, va_arg(args, const char *));
            break;
        case 'z':
            cn__put_size(&t, va_arg(args, size_t));
            break;
        case 'd': {
            int d = va_arg(args, int);
            if (d < 0) cn__put(&t, "-");
            cn__put_size(&t, (uint64_t)(d < 0 ? -(int64_t)d : d));
            break;
        }
        default:
            cn__put_number(&t, va_arg(args, double));
            break;
        }
    }
    va_end(args);
    *t.at = 0;
#else
    (void)format;
    if (cn__blocking(c->status)) return c->status;
#endif
    c->status = status;
    return status;
}

static int cn__report(cn_ctx *c, const char *what, double done, double total, double value, double error) {
    cn_progress p;
    if (!c->progress) return CN_OK;
    p.what = what;
    p.done = done;
    p.total = total;
    p.value = value;
    p.error = error;
    return c->progress(c->progress_user, &p) ? cn__fail(c, CN_CANCELLED, "%s cancelled at %g of %g", what, done, total)
                                             : CN_OK;
}

CN_API void cn_clear(cn_ctx *c) {
    if (!c) return;
    c->status = CN_OK;
    c->message[0] = 0;
}

CN_API const char *cn_status_text(int status) {
#define CN__STATUS_TEXT(id, text) text,
    static const char *const text[] = {CN_STATUS_LIST(CN__STATUS_TEXT) "not a status"};
    return text[status >= 0 && status < CN_STATUS_COUNT ? status : CN_STATUS_COUNT];
}

/* ---- memory: blocks with a header, in a list; in an arena the list is also the stack */

typedef struct cn__allocation {
    struct cn__allocation *prev, *next;
    void *raw;
    size_t bytes;
    int dead;
} cn__allocation;
#define CN__BLOCK_BYTES (2 * (size_t)CN__ALIGN) /* room for the header and for alignment */
typedef char cn__check_allocation[sizeof(cn__allocation) <= CN__ALIGN ? 1 : -1];

static void *cn__allocate(cn_ctx *c, size_t bytes) {
    cn__allocation *b, *last = (cn__allocation *)c->live;
    void *raw = NULL;
    size_t need, mask = CN__ALIGN - 1;
    if (bytes > (size_t)-1 - CN__BLOCK_BYTES - mask) {
        cn__fail(c, CN_E_SIZE, "a size overflows");
        return NULL;
    }
    need = ((bytes + mask) & ~mask) + CN__BLOCK_BYTES;
    c->bytes_needed = need;
    if (c->dry) {
        cn__fail(c, CN_DRY, "dry run: this call asks for %z bytes", need);
        return NULL;
    }
    if (c->limit_bytes && need > c->limit_bytes - CN__MIN(c->bytes_now, c->limit_bytes)) {
        cn__fail(c, CN_E_MEMORY, "this call asks for %z bytes; %z are held and the limit is %z", need, c->bytes_now,
                 c->limit_bytes);
        return NULL;
    }
    if (c->arena) {
        if (need > c->arena_bytes - CN__MIN(c->bytes_now, c->arena_bytes)) {
            cn__fail(c, CN_E_MEMORY, "this call asks for %z bytes; the arena has %z left of %z", need,
                     c->arena_bytes - CN__MIN(c->bytes_now, c->arena_bytes), c->arena_bytes);
            return NULL;
        }
        raw = (unsigned char *)c->arena + c->bytes_now;
    } else if (c->alloc)
        raw = c->alloc(c->alloc_user, need);
#ifndef CN_NO_MALLOC
    else
        raw = CN_MALLOC(need);
#endif
    if (!raw) {
        cn__fail(c, CN_E_MEMORY, "no memory for the %z bytes that this call asks for", need);
        return NULL;
    }
    b = (cn__allocation *)(((uintptr_t)raw + mask) & ~(uintptr_t)mask);
    b->raw = raw;
    b->bytes = need;
    b->dead = 0;
    b->prev = last;
    b->next = NULL;
    if (last) last->next = b;
    c->live = b;
    c->bytes_now += need;
    c->bytes_peak = CN__MAX(c->bytes_peak, c->bytes_now);
    return (unsigned char *)b + CN__ALIGN;
}

CN_API void cn_free(cn_ctx *c, void *thing) {
    cn__allocation *b;
    if (!c || !thing) return;
    b = (cn__allocation *)(void *)((unsigned char *)thing - CN__ALIGN);
    if (c->arena) { /* a stack: what is freed below the top waits for the top */
        b->dead = 1;
        while (c->live && ((cn__allocation *)c->live)->dead) {
            b = (cn__allocation *)c->live;
            c->bytes_now -= b->bytes;
            c->live = b->prev;
            if (b->prev) b->prev->next = NULL;
        }
        return;
    }
    if (b->prev) b->prev->next = b->next;
    if (b->next)
        b->next->prev = b->prev;
    else
        c->live = b->prev;
    c->bytes_now -= b->bytes;
    if (c->release) c->release(c->alloc_user, b->raw);
#ifndef CN_NO_MALLOC
    else if (!c->alloc)
        CN_FREE(b->raw);
#endif
}

CN_API void cn_free_all(cn_ctx *c) {
    while (c && c->live) cn_free(c, (unsigned char *)c->live + CN__ALIGN);
}

/* ---- the working memory of one call. Everything that needs memory runs twice through the same code: first with base
   NULL, where cn__take only measures and functions return before any work, then for real. So a dry run is exact and
   loops cannot allocate. Both passes must take the same decisions: by flags and sizes, never by whether a pointer is
   there, and no arithmetic on pointers that are not. Should the working pass want more than was measured all the same,
   base becomes NULL again: it measures to its end, writes nothing, and the call fails. `at` is a stack: save it to give
   memory back for reuse. */

typedef struct cn__ws {
    cn_ctx *ctx;
    unsigned char *base, *memory; /* memory: what was granted, `room` bytes */
    size_t at, peak, room;
    int overflow;
} cn__ws;

static void *cn__take(cn__ws *w, size_t count, size_t size) {
    size_t at = w->at, mask = CN__ALIGN - 1;
    if (w->overflow || (size && count > ((size_t)-1 - mask - at) / size)) {
        w->overflow = 1;
        w->base = NULL;
        return NULL;
    }
    w->at = at + ((count * size + mask) & ~mask);
    w->peak = CN__MAX(w->peak, w->at);
    if (w->base && w->at > w->room) {
        w->overflow = 1;
        w->base = NULL;
    }
    return w->base ? w->base + at : NULL;
}
#define CN__TAKE(w, type, count) ((type *)cn__take((w), (count), sizeof(type)))

static int cn__fits(const cn__ws *w, int status) /* the status, or that of too little memory */
{
    if (status != CN_OK || !w->overflow) return status;
    if (!w->memory)
        return cn__fail(w->ctx, CN_E_SIZE, "a size overflows: this call wants more bytes than there are addresses");
    return cn__fail(w->ctx, CN_E_SIZE,
                    "this call wants more than the %z bytes that it asked for: a fault in curvnoise.h", w->room);
}

static int cn__begin(cn__ws *w, cn_ctx *c) /* a status: what stands in the way of any call */
{
    memset(w, 0, sizeof *w);
    w->ctx = c;
    if (!c) return CN_E_ARGUMENT;
    if (cn__blocking(c->status)) return c->status;
    c->bytes_needed = 0;
    if (c->threads < 0) return cn__fail(c, CN_E_ARGUMENT, "context: threads is %d; 0 means all there are", c->threads);
    if (!c->arena && c->arena_bytes) return cn__fail(c, CN_E_ARGUMENT, "context: the arena is missing");
    if (!c->arena && !c->alloc && c->release)
        return cn__fail(c, CN_E_ARGUMENT, "context: release is there and alloc is missing");
    if (!c->layers && c->layer_count) return cn__fail(c, CN_E_ARGUMENT, "context: layers is missing");
    return CN_OK;
}

static int cn__grant(cn__ws *w, int *status) /* after measuring: 1 = go on */
{
    cn_ctx *c = w->ctx;
    *status = cn__fits(w, *status);
    if (*status == CN_OK && cn__blocking(c->status)) *status = c->status; /* of what was asked while measuring */
    if (*status != CN_OK) return 0;
    if (!w->peak && c->dry) {
        *status = cn__fail(c, CN_DRY, "dry run: this call asks for no memory");
        return 0;
    }
    if (!w->peak)
        w->memory = (unsigned char *)w; /* nothing will be taken; only not NULL */
    else if ((w->memory = (unsigned char *)cn__allocate(c, w->peak)) == NULL) {
        *status = c->status;
        return 0;
    }
    w->base = w->memory;
    w->room = w->peak;
    w->at = 0;
    return 1;
}

static void cn__end(cn__ws *w) {
    if (w->memory != (unsigned char *)w) cn_free(w->ctx, w->memory);
}

/* Runs an expression of w twice: measuring, then, if nothing stands in the way, for real. */
#define CN__CALL(w, c, status, expression)              \
    do {                                                \
        (status) = cn__begin(&(w), (c));                \
        if ((status) == CN_OK) (status) = (expression); \
        if (cn__grant(&(w), &(status))) {               \
            (status) = (expression);                    \
            (status) = cn__fits(&(w), (status));        \
            cn__end(&(w));                              \
        }                                               \
    } while (0)

/* The same for creators: the memory stays and is the thing made; thing = NULL on any error. */
#define CN__CREATE(w, c, type, thing, expression)           \
    do {                                                    \
        int cn__status = cn__begin(&(w), (c));              \
        (thing) = NULL;                                     \
        if (cn__status == CN_OK) cn__status = (expression); \
        if (cn__grant(&(w), &cn__status)) {                 \
            cn__status = (expression);                      \
            if (cn__fits(&(w), cn__status) == CN_OK)        \
                (thing) = (type *)(void *)(w).memory;       \
            else                                            \
                cn__end(&(w));                              \
        }                                                   \
    } while (0)

/* The body of a public call that answers with a status. */
#define CN__DO(object, expression)                  \
    cn__ws w;                                       \
    int status;                                     \
    if (!(object)) return CN_E_ARGUMENT;            \
    CN__CALL(w, (object)->ctx, status, expression); \
    return status

/* Of one that answers with a struct r. */
#define CN__RESULT(result, object, expression)        \
    cn__ws w;                                         \
    result r;                                         \
    memset(&r, 0, sizeof r);                          \
    if (!(object)) {                                  \
        r.status = CN_E_ARGUMENT;                     \
        return r;                                     \
    }                                                 \
    CN__CALL(w, (object)->ctx, r.status, expression); \
    return r

/* Of one that also takes a descriptor, NULL for a zeroed one (`zero`). */
#define CN__ANSWER(result, desc, object, expression) \
    desc zero;                                       \
    memset(&zero, 0, sizeof zero);                   \
    CN__RESULT(result, object, expression)

/* What a call has written: CN_E_NUMERIC where a number is not finite. */
static int cn__written(const cn__ws *w, const char *what, int status, size_t n, const cn_real *x) {
    size_t i = status == CN_OK && w->base ? cn__first_not_finite(n, x) : n;
    if (i == n) return status;
    return cn__fail(w->ctx, CN_E_NUMERIC, "%s: number %z of the result is not finite", what, i);
}

static int cn__written_doubles(const cn__ws *w, const char *what, int status, size_t n, const double *x) {
    size_t i = status == CN_OK && w->base ? 0 : n;
    while (i < n && cn__finite(x[i])) i++;
    if (i == n) return status;
    return cn__fail(w->ctx, CN_E_NUMERIC, "%s: number %z of the result is not finite", what, i);
}

static int cn__vector(cn__ws *w, size_t n) {
    cn_real *v = CN__TAKE(w, cn_real, CN__MAX(n, 1));
    if (w->base) memset(v, 0, n * sizeof *v);
    return CN_OK;
}

CN_API cn_real *cn_vector(cn_ctx *c, size_t n) {
    cn__ws w;
    cn_real *v;
    CN__CREATE(w, c, cn_real, v, cn__vector(&w, n));
    return v;
}

/* ---- tasks: the caller's threads, OpenMP's, or a loop */

static int cn__parallel(const cn_ctx *c) /* may tasks run at the same time? */
{
#ifdef _OPENMP
    return c->threads != 1;
#else
    return c->threads != 1 && c->parallel;
#endif
}

static void cn__run_tasks(cn_ctx *c, int tasks, cn_task task, void *arg) {
    int i;
    if (tasks > 1 && c->threads != 1 && c->parallel) {
        c->parallel(c->parallel_user, tasks, task, arg);
        return;
    }
#ifdef _OPENMP
    if (tasks > 1 && c->threads != 1) {
        int threads = CN__MIN(c->threads > 0 ? c->threads : omp_get_max_threads(), tasks);
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
        for (i = 0; i < tasks; i++) task(arg, i);
        return;
    }
#endif
    for (i = 0; i < tasks; i++) task(arg, i);
}
#endif /* FLOOR 1 */

/* ==== FLOOR 2: tensor: a typed view =============================================================================== */
#if CN_FLOOR_MAX >= 2

static size_t cn__type_size(int type) /* 0: not a type */
{
    static const unsigned char size[] = {sizeof(cn_real), 1, 1, 2, 2, 4, 4, 8, 8, 4, 8};
    return type >= 0 && type <= CN_TYPE_F64 ? size[type] : 0;
}

static int cn__type_integer(int type) { return type >= CN_TYPE_U8 && type <= CN_TYPE_I64; }

CN_API cn_tensor cn_tensor_of(const void *data, int type, int dims, size_t s0, size_t s1, size_t s2, size_t s3) {
    cn_tensor t;
    memset(&t, 0, sizeof t);
    /* the library never writes through data, labels or parts: no cast that hides it */
    memcpy(&t.data, &data, sizeof data);
    t.type = type;
    t.dims = dims;
    t.shape[0] = s0;
    t.shape[1] = dims > 1 ? s1 : 1;
    t.shape[2] = dims > 2 ? s2 : 1;
    t.shape[3] = dims > 3 ? s3 : 1;
    return t;
}

CN_API size_t cn_count(cn_tensor t) {
    size_t count = 1;
    int i;
    if (t.dims < 1 || t.dims > 4 || !cn__type_size(t.type)) return 0;
    for (i = 0; i < t.dims; i++) {
        if (cn__overflows(count, t.shape[i])) return 0;
        count *= t.shape[i];
    }
    return cn__overflows(count, cn__type_size(t.type)) ? 0 : count;
}

CN_API cn_tensor cn_tensor_row(cn_tensor t, size_t i) {
    cn_tensor r = t;
    size_t row = t.dims > 0 && t.shape[0] ? cn_count(t) / t.shape[0] : 0;
    int d;
    for (d = 0; d < 3; d++) r.shape[d] = t.shape[d + 1];
    r.shape[3] = 1;
    r.dims = t.dims > 1 ? t.dims - 1 : 1;
    r.data = row && t.data && i < t.shape[0] ? (unsigned char *)t.data + i * row * cn__type_size(t.type) : NULL;
    return r;
}

static double cn__element(const void *data, int type, size_t i) {
    const unsigned char *at = (const unsigned char *)data + i * cn__type_size(type);
    union {
        uint8_t u8;
        int8_t i8;
        uint16_t u16;
        int16_t i16;
        uint32_t u32;
        int32_t i32;
        uint64_t u64;
        int64_t i64;
        float f32;
        double f64;
        cn_real real;
    } v;
    memcpy(&v, at, cn__type_size(type));
    switch (type) {
    case CN_TYPE_U8:
        return v.u8;
    case CN_TYPE_I8:
        return v.i8;
    case CN_TYPE_U16:
        return v.u16;
    case CN_TYPE_I16:
        return v.i16;
    case CN_TYPE_U32:
        return v.u32;
    case CN_TYPE_I32:
        return v.i32;
    case CN_TYPE_U64:
        return (double)v.u64;
    case CN_TYPE_I64:
        return (double)v.i64;
    case CN_TYPE_F32:
        return (double)v.f32;
    case CN_TYPE_F64:
        return v.f64;
    default:
        return (double)v.real;
    }
}

/* n reals from element `first` on, scaled. */
static void cn__load_reals(cn_tensor t, size_t first, size_t n, double scale, cn_real *out) {
    size_t i;
    if (t.type == CN_TYPE_REAL && scale == 1)
        memcpy(out, (const cn_real *)t.data + first, n * sizeof *out);
    else
        for (i = 0; i < n; i++) out[i] = (cn_real)(scale * cn__element(t.data, t.type, first + i));
}

/* Writes an in-range number; 0 when it does not fit. out NULL: only asks. */
static int cn__store(void *out, int type, size_t i, double value) {
    static const double low[] = {0, 0, -128, 0, -32768, 0, -2147483648.0, 0, -9223372036854775808.0};
    static const double high[] = {
        0, 255, 127, 65535, 32767, 4294967295.0, 2147483647, 18446744073709549568.0, 9223372036854774784.0};
    union {
        uint8_t u8;
        int8_t i8;
        uint16_t u16;
        int16_t i16;
        uint32_t u32;
        int32_t i32;
        uint64_t u64;
        int64_t i64;
        float f32;
        double f64;
        cn_real real;
    } v;
    if (!cn__finite(value)) return 0;
    if (cn__type_integer(type)) {
        {
            double whole = floor(value);
            value = value - whole < 0.5 ? whole : whole + 1;
        }
        if (value < low[type] || value > high[type]) return 0;
    }
    switch (type) {
    case CN_TYPE_U8:
        v.u8 = (uint8_t)value;
        break;
    case CN_TYPE_I8:
        v.i8 = (int8_t)value;
        break;
    case CN_TYPE_U16:
        v.u16 = (uint16_t)value;
        break;
    case CN_TYPE_I16:
        v.i16 = (int16_t)value;
        break;
    case CN_TYPE_U32:
        v.u32 = (uint32_t)value;
        break;
    case CN_TYPE_I32:
        v.i32 = (int32_t)value;
        break;
    case CN_TYPE_U64:
        v.u64 = (uint64_t)value;
        break;
    case CN_TYPE_I64:
        v.i64 = (int64_t)value;
        break;
    case CN_TYPE_F64:
        v.f64 = value;
        break;
    case CN_TYPE_F32:
        v.f32 = (float)value;
        if (!cn__finite((double)v.f32)) return 0;
        break;
    default:
        v.real = (cn_real)value;
        if (!cn__finite((double)v.real)) return 0;
        break;
    }
    if (out) memcpy((unsigned char *)out + i * cn__type_size(type), &v, cn__type_size(type));
    return 1;
}

CN_API int cn_convert(cn_ctx *c, cn_tensor from, double scale, cn_tensor to) {
    cn__ws w;
    size_t n = cn_count(from), i;
    int status = cn__begin(&w, c);
    if (status) return status;
    if (!n || n != cn_count(to) || !from.data || !to.data)
        return cn__fail(c, CN_E_SHAPE, "convert: %z elements do not fit %z", n, cn_count(to));
    for (i = 0; i < n; i++)
        if (!cn__store(NULL, to.type, i, scale * cn__element(from.data, from.type, i)))
            return cn__fail(c, CN_E_DATA, "convert: element %z, %g, is not finite or does not fit the type", i,
                            scale * cn__element(from.data, from.type, i));
    if (c->dry) return cn__fail(c, CN_DRY, "dry run: this call asks for no memory");
    for (i = 0; i < n; i++) cn__store(to.data, to.type, i, scale * cn__element(from.data, from.type, i));
    return CN_OK;
}
#endif /* FLOOR 2 */

/* ==== FLOOR 3: random: Philox 4x32-10 ============================================================================= */
#if CN_FLOOR_MAX >= 3

#define CN__ROUND                        \
    p0 = (uint64_t)0xD2511F53u * c0;     \
    p1 = (uint64_t)0xCD9E8D57u * c2;     \
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0; \
    c1 = (uint32_t)p1;                   \
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1; \
    c3 = (uint32_t)p0;                   \
    k0 += 0x9E3779B9u;                   \
    k1 += 0xBB67AE85u

/* Ten rounds on counter (block, stream) with key seed: two words that depend on nothing else. [Salmon et al. 2011] */
static void cn__philox(uint64_t seed, uint64_t stream, uint64_t block, uint64_t out[2]) {
    uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32), c2 = (uint32_t)stream, c3 = (uint32_t)(stream >> 32);
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    uint64_t p0, p1;
    /* not a loop, which takes half as long again */
    CN__ROUND;
    CN__ROUND;
    CN__ROUND;
    CN__ROUND;
    CN__ROUND;
    CN__ROUND;
    CN__ROUND;
    CN__ROUND;
    CN__ROUND;
    CN__ROUND;
    out[0] = (uint64_t)c1 << 32 | c0;
    out[1] = (uint64_t)c3 << 32 | c2;
}

/* u in (0, 1), never its ends, is n 2^-53 with an odd n: 52 bits of a word and a half. What is made of it is computed
   in fixed point, for integers are the same on every machine and under every compiler's flags. "Q63" is a number in
   units of 2^-63. Taylor's series on ranges so short that the first term left out is below 2^-58. */

static uint64_t cn__odd(uint64_t word) { return word >> 12 << 1 | 1; }

/* The upper half of a b: Qi times Qj gives Q(i + j - 64). */
static uint64_t cn__high(uint64_t a, uint64_t b) {
#if defined(__SIZEOF_INT128__) && UINTPTR_MAX > 0xffffffffu
    __extension__ typedef unsigned __int128 cn__wide;
    return (uint64_t)((cn__wide)a * b >> 64);
#else
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32, x = a1 * b0 + (a0 * b0 >> 32);
    uint64_t y = a0 * b1 + (uint32_t)x;
    return a1 * b1 + (x >> 32) + (y >> 32);
#endif
}

/* c[0] + sign x (c[1] + sign x (... c[last])), x in Q64 */
static uint64_t cn__series(const uint64_t *c, int last, uint64_t sign, uint64_t x) {
    uint64_t sum = c[last];
    while (last-- > 0) sum = c[last] + sign * cn__high(x, sum);
    return sum;
}

static int64_t cn__signed(uint64_t size, uint64_t negative) { return (int64_t)((size ^ (0 - negative)) + negative); }

/* -ln(n 2^-53), 0 < n < 2^53, = large Q57 + small Q67. With n 2^-53 = m 2^-e, m in [1/2, 1), c the upper end of the
   64th that m is in, and w = (c - m)/c < 1/32: large = e ln 2 - ln c, small = -ln(1 - w) = w + w (w/2 + w^2/3 + ...).
   Near 1, large is 0. */
static uint64_t cn__log(uint64_t n, uint64_t *small) {
    /* 1/c, Q63 */
    static const uint64_t inverse[32] = {
        0xf83e0f83e0f83e10u, 0xf0f0f0f0f0f0f0f1u, 0xea0ea0ea0ea0ea0fu, 0xe38e38e38e38e38eu, 0xdd67c8a60dd67c8au,
        0xd79435e50d79435eu, 0xd20d20d20d20d20du, 0xcccccccccccccccdu, 0xc7ce0c7ce0c7ce0cu, 0xc30c30c30c30c30cu,
        0xbe82fa0be82fa0bfu, 0xba2e8ba2e8ba2e8cu, 0xb60b60b60b60b60bu, 0xb21642c8590b2164u, 0xae4c415c9882b931u,
        0xaaaaaaaaaaaaaaabu, 0xa72f05397829cbc1u, 0xa3d70a3d70a3d70au, 0xa0a0a0a0a0a0a0a1u, 0x9d89d89d89d89d8au,
        0x9a90e7d95bc609a9u, 0x97b425ed097b425fu, 0x94f2094f2094f209u, 0x9249249249249249u, 0x8fb823ee08fb823fu,
        0x8d3dcb08d3dcb08du, 0x8ad8f2fba9386823u, 0x8888888888888889u, 0x864b8a7de6d1d608u, 0x8421084210842108u,
        0x8208208208208208u, 0x8000000000000000u};
    /* -ln c, Q57 */
    static const uint64_t minus_log[32] = {
        0x15322e268678573u, 0x143d9ff2f923c4du, 0x135028ad9d8c85cu, 0x1269621134db928u,
        0x1188ee40f23ca66u, 0x10ae76e2d054fa4u, 0xfd9ac57bd24421u,  0xf0a450d139366du,
        0xe3ffce3a2aa649u,  0xd7a94a92466e83u,  0xcb9d1a189ab56eu,  0xbfd7d1dec0a8dfu,
        0xb45641f4e350a1u,  0xa9157039c51ebeu,  0x9e1293b9998c1eu,  0x934b1089a6dc94u,
        0x88bc74113f23dfu,  0x7e6471b2cecde6u,  0x7440dfc99579edu,  0x6a4fb4f22b678eu,
        0x608f0595468f07u,  0x56fd01ad50f6c8u,  0x4d97f2c0564059u,  0x445e3a089f91efu,
        0x3b4e4ec7088d45u,  0x3266bcbab29311u,  0x29a622ba40fd59u,  0x210b316b3c740du,
        0x1894aa149fb343u,  0x10415d89e74444u,  0x8102b2c49ac24u,   0x0u};
    /* 32^-k/(k + 1), Q64, from k = 1 on: for powers of 32 w */
    static const uint64_t series[9] = {0x400000000000000u, 0x15555555555555u, 0x800000000000u,
                                       0x33333333333u,     0x1555555555u,     0x92492492u,
                                       0x4000000u,         0x1c71c7u,         0xcccdu};
    double exact = (double)n;
    uint64_t bits, m, w;
    unsigned i;
    memcpy(&bits, &exact, sizeof bits);
    m = (uint64_t)1 << 63 | bits << 11;
    i = (unsigned)(m >> 58) & 31;
    w = cn__high((((uint64_t)(33 + i) << 58) - m) << 5, inverse[i]); /* Q68; c = 1 wraps to 0, as it should */
    *small = (w + cn__high(w, cn__high(w << 1, cn__series(series, 8, 1, w << 1)))) >> 1;
    return (1075 - (bits >> 52)) * 0x162e42fefa39ef3u + minus_log[i];
}

/* Two standard normals, Q58 [Box, Muller 1958]. The angle 2 pi u is pi/2 (quarter + x), x in [-1/2, 1/2). All but a sum
   and the root are integers or products with powers of two, so only these round. */
static void cn__normal_pair(const uint64_t n[2], int64_t out[2]) {
    /* (pi/2)^(2k + 1)/(2k + 1)!, Q63 */
    static const uint64_t sine[9] = {0xc90fdaa22168c235u, 0x52aef39896f94afbu, 0xa335e33bad570e9u,
                                     0x9969667315ec2eu,   0x541e0d21fb9e0u,    0x1e3074fde887u,
                                     0x7a3d0d3406u,       0x16fadb9f1u,        0x355d865u};
    /* (pi/2)^2k/(2k)!, Q63 */
    static const uint64_t cosine[9] = {0x8000000000000000u, 0x9de9e64df22ef2d2u, 0x20783e1036b58767u,
                                       0x2aba78fc797ff40u,  0x1e1f506891babbu,   0xd368f9510254u,
                                       0x3f3a7146ec8u,      0xdb7127a26u,        0x2418c586u};
    uint64_t negative = n[1] >> 50 & 1, x = (uint64_t)cn__signed(n[1] << 13, negative), square = cn__high(x, x);
    uint64_t s = cn__high(x, cn__series(sine, 8, (uint64_t)-1, square)),
             c = cn__series(cosine, 8, (uint64_t)-1, square);
    uint64_t quarter = (n[1] >> 51) + negative, swap = (s ^ c) & (0 - (quarter & 1)), large, small, r;
    large = cn__log(n[0], &small);
    r = (uint64_t)(int64_t)(sqrt((double)(int64_t)large * (1.0 / 72057594037927936.0) +
                                 (double)(int64_t)small * (1.0 / 73786976294838206464.0)) *
                            576460752303423488.0); /* Q59 of the root of 2 (large + small) */
    out[0] = cn__signed(cn__high(r, c ^ swap), ((quarter + 1) >> 1 ^ (quarter & negative)) & 1);
    out[1] = cn__signed(cn__high(r, s ^ swap), (quarter >> 1 ^ (~quarter & negative)) & 1);
}

static int64_t cn__of_uniform(int kind, uint64_t n) /* Q58; every kind but the normal */
{
    const uint64_t half = (uint64_t)1 << 52;
    uint64_t low = n < half, from_half = (uint64_t)cn__signed(n - half, low), large, small;
    if (kind == CN_NOISE_SIGN) return cn__signed((uint64_t)1 << 58, low);
    /* times sqrt(12) */
    if (kind == CN_NOISE_UNIFORM) return cn__signed(cn__high(from_half << 11, 0xddb3d742c26553au), low);
    large = cn__log((half - from_half) << 1, &small); /* -ln of twice the distance to the nearer end; times sqrt(1/2) */
    return cn__signed(cn__high((large + (small >> 10)) << 1, 0xb504f333f9de6484u), low);
}

CN_API uint64_t cn_stream(int purpose, uint64_t index) { return (uint64_t)purpose << 56 | (index & (uint64_t)-1 >> 8); }

CN_API void cn_random(uint64_t seed, uint64_t stream, uint64_t first, int kind, double sd, size_t n, cn_real *out) {
    enum { GROUP = 32 }; /* step by step: what the next values want is computed meanwhile */
    uint64_t odd[GROUP];
    int64_t value[GROUP];
    size_t i, k, from;
    for (; n > 0; first += k, out += k, n -= k) {
        from = first % 2; /* values come in pairs */
        k = CN__MIN(n, GROUP - from);
        for (i = 0; i < from + k; i += 2) {
            cn__philox(seed, stream, (first + i) / 2, odd + i);
            odd[i] = cn__odd(odd[i]);
            odd[i + 1] = cn__odd(odd[i + 1]);
        }
        for (i = 0; i < from + k; i += 2) {
            if (kind <= CN_NOISE_NORMAL)
                cn__normal_pair(odd + i, value + i);
            else {
                value[i] = cn__of_uniform(kind, odd[i]);
                value[i + 1] = cn__of_uniform(kind, odd[i + 1]);
            }
        }
        for (i = 0; i < k; i++) out[i] = (cn_real)(sd * ((double)value[from + i] * (1.0 / 288230376151711744.0)));
    }
}

CN_API void cn_shuffle(uint64_t seed, uint64_t stream, size_t n, uint32_t *index) {
    size_t i, j;
    uint64_t word[2];
    uint32_t t;
    for (i = n; i > 1; i--) { /* j uniform below i. Blocks from the upper end, which no value is drawn from */
        cn__philox(seed, stream, ~(uint64_t)i, word);
        j = (size_t)cn__high(word[0], i);
        t = index[i - 1];
        index[i - 1] = index[j];
        index[j] = t;
    }
}
#endif /* FLOOR 3 */

/* ==== FLOOR 4: kernels: the only place with processor-specific code =============================================== */
#if CN_FLOOR_MAX >= 4

/* Matrix product, dot product, axpy, sums and pointwise sweeps, one version per instruction set

   The product has BLIS's shape (Van Zee & van de Geijn 2015; Goto & van de Geijn 2008): one micro-kernel with
   compile-time constants, packing apart, blocks of KC x NC of B and MC x KC of A. The kernel takes A with two strides
   and B with a row stride, so the same code runs on packed panels and, for small or skinny shapes, straight on the
   operands.

   Bits: whatever the path, tile or orientation, every element of out is made by the same operations in the same
   order: within one block of k (its length depends on k alone) acc = fma(a, b, acc) from 0 upwards in k, then
   out = fma(beta, out, alpha * acc), where later blocks have beta = 1. Therefore ANY split of m or n over threads, with
   any operand transposed, gives the same bits for the same isa. There is no padding in k and no test for zero:
   NaN and infinity travel as IEEE says. Only two rules are BLAS's: beta = 0 does not read out, k = 0 reads no
   operand.

   PRIMITIVES OF AN INSTRUCTION SET. Every kernel is a macro that makes a function for the instruction set X out of the
   primitives below and nothing else. T is cn_real or double; pointers need no alignment.

       CN__TARGET_X               attribute of the functions: lets the compiler use X
       CN__VECTOR_X(T)            type of a vector of T; only local variables have it: no array, struct or argument
       CN__LANES_X(T)             how many T a vector holds: 1, 2, 4 or 8 double, as many cn_real or twice as many. Any
                                  expression: it may be known at run time alone (use a part of longer vectors)
       CN__MASKS_X                1: _FIRST takes any n; 0: n is 1 or all lanes
       CN__LOAD_X(T, p)           the vector at p
       CN__STORE_X(T, p, v)
       CN__LOAD_FIRST_X(T, n, p)  its first n lanes, 1 <= n <= lanes, and anything in the others; reads no further
       CN__STORE_FIRST_X(T, n, p, v)
       CN__SET_X(T, s)            s in every lane
       CN__ADD_X(T, a, b), CN__MUL_X(T, a, b)
       CN__FMA_X(T, a, b, c)      a b + c, rounded once where X can, and everywhere in the same way
       CN__RELU_X(v)              of cn_real: v < 0 ? 0 : v
       CN__RELU_BACK_X(y, v)      of cn_real: y <= 0 ? 0 : v
       CN__ABS_X(a)               of double
       CN__MAX_X(a, b)            of double
       CN__COPYSIGN_X(r, d)       of double: r >= 0 with the sign of d
       CN__RSQRT_X(r, x)          of double: declares r = 1 / sqrt(x), right to an ulp or two
       CN__PREFETCH_X(p)          fetches the cache line of p ahead, or does nothing
       CN__SQUARE_X, CN__TRANSPOSE_X(s, s_row, d, d_row)
                                  rows and columns of a square, and what writes it transposed; 1 where there is none
     and where cn_real is float (with double they are LOAD and STORE):
       CN__WIDEN_X(p)             as many cn_real at p as a vector holds double, as double
       CN__NARROW_X(p, v)         stores double as cn_real
       CN__WIDEN_FIRST_X(n, p), CN__NARROW_FIRST_X(n, p, v)

   TO ADD ONE: its id behind the last CN_ISA_ (where a machine has several, the better one has the larger id); its
   intrinsics beside CN__X86; its primitives; its CN__STRIP and CN__KERNELS beside the others'; a case in
   cn__kernels_of; cn__cpu, which recognises the machine. tests/kernels.c then runs it. (SVE took 60 lines, of which 45
   are primitives.) */

/* A value the optimiser must take as new: keeps row pointers in registers (gcc would make one per row), and loops
   over k from being vectorised as a reduction under -ffast-math, which would change the order of a sum. */
#if (defined(__GNUC__) || defined(__clang__)) && !defined(__TINYC__)
#define CN__PIN(x) __asm__ volatile("" : "+r"(x))
#else
#define CN__PIN(x) (void)(x)
#endif

#define CN__JOIN2(a, b) a##b
#define CN__JOIN(a, b) CN__JOIN2(a, b)

/* ---- plain C: a vector is one number */

/* a b + c by the processor's fused operation where the build has one. Left to the compiler, -ffp-contract=fast fuses in
   one tile and not in another (gcc for AMD's processors), and a split of a product then shows in its bits. */
#if defined(__FMA__) || defined(__FP_FAST_FMA) || (defined(__aarch64__) && defined(__clang__))
#define CN__FMA_double(a, b, c) fma(a, b, c)
#else
#define CN__FMA_double(a, b, c) ((a) * (b) + (c))
#endif
#if CN__DOUBLE
#define CN__FMA_cn_real CN__FMA_double
#elif defined(__FMA__) || defined(__FP_FAST_FMAF) || (defined(__aarch64__) && defined(__clang__))
#define CN__FMA_cn_real(a, b, c) fmaf(a, b, c)
#else
#define CN__FMA_cn_real(a, b, c) ((a) * (b) + (c))
#endif
#define CN__TARGET_plain
#define CN__VECTOR_plain(T) T
#define CN__LANES_plain(T) ((size_t)1)
#define CN__MASKS_plain 0
#define CN__LOAD_plain(T, p) (*(p))
#define CN__STORE_plain(T, p, v) (*(p) = (v))
#define CN__LOAD_FIRST_plain(T, n, p) (*(p))
#define CN__STORE_FIRST_plain(T, n, p, v) (*(p) = (v))
#define CN__SET_plain(T, s) (s)
#define CN__ADD_plain(T, a, b) ((a) + (b))
#define CN__MUL_plain(T, a, b) ((a) * (b))
#define CN__FMA_plain(T, a, b, c) CN__FMA_##T(a, b, c)
#define CN__RELU_plain(v) ((v) < 0 ? 0 : (v))
#define CN__RELU_BACK_plain(y, v) ((y) <= 0 ? 0 : (v))
#define CN__ABS_plain(a) fabs(a)
#define CN__MAX_plain(a, b) ((a) > (b) ? (a) : (b))
#define CN__RSQRT_plain(r, x) const double r = 1 / sqrt(x)
#define CN__COPYSIGN_plain(r, d) ((d) < 0 ? -(r) : (r))
#define CN__PREFETCH_plain(p) (void)(p)
#define CN__SQUARE_plain 1
#define CN__TRANSPOSE_plain(s, s_row, d, d_row) *(d) = *(s)
#define CN__WIDEN_plain(p) ((double)*(p))
#define CN__NARROW_plain(p, v) (*(p) = (cn_real)(v))
#define CN__WIDEN_FIRST_plain(n, p) ((double)*(p))
#define CN__NARROW_FIRST_plain(n, p, v) (*(p) = (cn_real)(v))

/* _FIRST without masks, n being 1 or all lanes. CN__LANE_X(T, v): lane 0 as a number */
#define CN__LOAD_FIRST_OF(X, T, n, p) ((n) == CN__LANES_##X(T) ? CN__LOAD_##X(T, p) : CN__SET_##X(T, *(p)))
#define CN__STORE_FIRST_OF(X, T, n, p, v) \
    ((n) == CN__LANES_##X(T) ? CN__STORE_##X(T, p, v) : (void)(*(p) = CN__LANE_##X(T, v)))
#define CN__WIDEN_FIRST_OF(X, n, p) \
    ((n) == CN__LANES_##X(double) ? CN__WIDEN_##X(p) : CN__SET_##X(double, (double)*(p)))
#define CN__NARROW_FIRST_OF(X, n, p, v) \
    ((n) == CN__LANES_##X(double) ? CN__NARROW_##X(p, v) : (void)(*(p) = (cn_real)CN__LANE_##X(double, v)))

/* ---- x86: AVX-512; AVX2 with FMA, whose masks cost more than they save; SSE2 */

#ifdef CN__X86
#define CN__TARGET_avx512 __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")))
#define CN__TARGET_avx2 __attribute__((target("avx2,fma")))
#define CN__TARGET_sse2 __attribute__((target("sse2")))

/* the intrinsic of that name for T, and the endings of types for T */
#define CN__INTEL(T, name) CN__JOIN(name, CN__INTEL_##T)
#define CN__INTEL_double _pd
#define CN__INTEL_D_double d
#define CN__INTEL_MASK_double __mmask8
#if CN__DOUBLE
#define CN__INTEL_cn_real _pd
#define CN__INTEL_D_cn_real d
#define CN__INTEL_MASK_cn_real __mmask8
#else
#define CN__INTEL_cn_real _ps
#define CN__INTEL_D_cn_real
#define CN__INTEL_MASK_cn_real __mmask16
#endif
#define CN__INTEL_SIGN ((long long)((uint64_t)1 << 63))

#define CN__VECTOR_avx512(T) CN__JOIN(__m512, CN__INTEL_D_##T)
#define CN__LANES_avx512(T) (64 / sizeof(T))
#define CN__MASKS_avx512 1
#define CN__FIRST_avx512(T, n) ((CN__INTEL_MASK_##T)(0xffffu >> (16 - (n)))) /* the mask */
#define CN__LOAD_avx512(T, p) CN__INTEL(T, _mm512_loadu)(p)
#define CN__STORE_avx512(T, p, v) CN__INTEL(T, _mm512_storeu)(p, v)
#define CN__LOAD_FIRST_avx512(T, n, p) CN__INTEL(T, _mm512_maskz_loadu)(CN__FIRST_avx512(T, n), p)
#define CN__STORE_FIRST_avx512(T, n, p, v) CN__INTEL(T, _mm512_mask_storeu)(p, CN__FIRST_avx512(T, n), v)
#define CN__SET_avx512(T, s) CN__INTEL(T, _mm512_set1)(s)
#define CN__ADD_avx512(T, a, b) ((a) + (b))
#define CN__MUL_avx512(T, a, b) ((a) * (b))
#define CN__FMA_avx512(T, a, b, c) CN__INTEL(T, _mm512_fmadd)(a, b, c)
/* maskz where g++ 12 warns at the plain ones */
#define CN__RELU_avx512(v) \
    CN__INTEL(cn_real, _mm512_maskz_max)((CN__INTEL_MASK_cn_real)-1, CN__SET_avx512(cn_real, 0), v)
#define CN__RELU_BACK_avx512(y, v) \
    CN__INTEL(cn_real, _mm512_maskz_mov)(CN__NOT_LE_avx512(y, CN__SET_avx512(cn_real, 0), _CMP_NLE_UQ), v)
#define CN__NOT_LE_avx512 CN__JOIN(CN__INTEL(cn_real, _mm512_cmp), _mask)
#define CN__ABS_avx512(a) _mm512_and_pd(a, _mm512_castsi512_pd(_mm512_set1_epi64(~CN__INTEL_SIGN)))
#define CN__MAX_avx512(a, b) _mm512_maskz_max_pd(0xFF, a, b)
/* 14 bits, doubled twice by Newton's step */
#define CN__RSQRT_avx512(r, x)                                                                     \
    const __m512d r##_x = x, r##_half = _mm512_set1_pd(0.5), r##_h = _mm512_set1_pd(-0.5) * r##_x; \
    __m512d r = _mm512_maskz_rsqrt14_pd(0xFF, r##_x);                                              \
    r = _mm512_fmadd_pd(r, _mm512_fmadd_pd(r##_h * r, r, r##_half), r);                            \
    r = _mm512_fmadd_pd(r, _mm512_fmadd_pd(r##_h * r, r, r##_half), r)
#define CN__COPYSIGN_avx512(r, d) \
    _mm512_or_pd(_mm512_and_pd(d, _mm512_castsi512_pd(_mm512_set1_epi64(CN__INTEL_SIGN))), r)
#define CN__PREFETCH_avx512(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#define CN__SQUARE_avx512 CN__SQUARE_avx2
#define CN__TRANSPOSE_avx512 CN__TRANSPOSE_avx2
#define CN__WIDEN_avx512(p) _mm512_maskz_cvtps_pd(0xFF, _mm256_loadu_ps(p))
#define CN__NARROW_avx512(p, v) _mm256_storeu_ps(p, _mm512_maskz_cvtpd_ps(0xFF, v))
#define CN__WIDEN_FIRST_avx512(n, p) _mm512_maskz_cvtps_pd(0xFF, _mm256_maskz_loadu_ps(CN__FIRST_avx512(double, n), p))
#define CN__NARROW_FIRST_avx512(n, p, v) \
    _mm256_mask_storeu_ps(p, CN__FIRST_avx512(double, n), _mm512_maskz_cvtpd_ps(0xFF, v))

#define CN__VECTOR_avx2(T) CN__JOIN(__m256, CN__INTEL_D_##T)
#define CN__LANES_avx2(T) (32 / sizeof(T))
#define CN__MASKS_avx2 0
#define CN__LOAD_avx2(T, p) CN__INTEL(T, _mm256_loadu)(p)
#define CN__STORE_avx2(T, p, v) CN__INTEL(T, _mm256_storeu)(p, v)
#define CN__LOAD_FIRST_avx2(T, n, p) CN__LOAD_FIRST_OF(avx2, T, n, p)
#define CN__STORE_FIRST_avx2(T, n, p, v) CN__STORE_FIRST_OF(avx2, T, n, p, v)
#define CN__LANE_avx2(T, v) (v)[0]
#define CN__SET_avx2(T, s) CN__INTEL(T, _mm256_set1)(s)
#define CN__ADD_avx2(T, a, b) ((a) + (b))
#define CN__MUL_avx2(T, a, b) ((a) * (b))
#define CN__FMA_avx2(T, a, b, c) CN__INTEL(T, _mm256_fmadd)(a, b, c)
#define CN__RELU_avx2(v) CN__INTEL(cn_real, _mm256_max)(CN__SET_avx2(cn_real, 0), v)
#define CN__RELU_BACK_avx2(y, v) \
    CN__INTEL(cn_real, _mm256_and)(CN__INTEL(cn_real, _mm256_cmp)(y, CN__SET_avx2(cn_real, 0), _CMP_NLE_UQ), v)
#define CN__SIGN_BIT_avx2 _mm256_castsi256_pd(_mm256_set1_epi64x(CN__INTEL_SIGN))
#define CN__ABS_avx2(a) _mm256_andnot_pd(CN__SIGN_BIT_avx2, a)
#define CN__MAX_avx2(a, b) _mm256_max_pd(a, b)
#define CN__RSQRT_avx2(r, x) const __m256d r = _mm256_set1_pd(1) / _mm256_sqrt_pd(x)
#define CN__COPYSIGN_avx2(r, d) _mm256_or_pd(_mm256_and_pd(d, CN__SIGN_BIT_avx2), r)
#define CN__PREFETCH_avx2 CN__PREFETCH_avx512
#define CN__WIDEN_avx2(p) _mm256_cvtps_pd(_mm_loadu_ps(p))
#define CN__NARROW_avx2(p, v) _mm_storeu_ps(p, _mm256_cvtpd_ps(v))
#define CN__WIDEN_FIRST_avx2(n, p) CN__WIDEN_FIRST_OF(avx2, n, p)
#define CN__NARROW_FIRST_avx2(n, p, v) CN__NARROW_FIRST_OF(avx2, n, p, v)
#if CN__DOUBLE
#define CN__SQUARE_avx2 4
#define CN__TWO_ROWS(r, q, step) /* r = two numbers of a row, then two of the row after the next */ \
    const __m256d r = _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(q)), _mm_loadu_pd((q) + 2 * (step)), 1)
#define CN__TRANSPOSE_avx2(s, s_row, d, d_row)                         \
    {                                                                  \
        CN__TWO_ROWS(r0, s, s_row);                                    \
        CN__TWO_ROWS(r1, (s) + s_row, s_row);                          \
        CN__TWO_ROWS(r2, (s) + 2, s_row);                              \
        CN__TWO_ROWS(r3, (s) + s_row + 2, s_row);                      \
        _mm256_storeu_pd(d, _mm256_unpacklo_pd(r0, r1));               \
        _mm256_storeu_pd((d) + d_row, _mm256_unpackhi_pd(r0, r1));     \
        _mm256_storeu_pd((d) + 2 * d_row, _mm256_unpacklo_pd(r2, r3)); \
        _mm256_storeu_pd((d) + 3 * d_row, _mm256_unpackhi_pd(r2, r3)); \
    }
#else
#define CN__SQUARE_avx2 8
#define CN__TWO_ROWS(r, q, step) /* r = four numbers of a row, then four of the fourth after it */ \
    const __m256 r = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(q)), _mm_loadu_ps((q) + 4 * (step)), 1)
#define CN__TRANSPOSE_HALF(s, s_row, d, d_row) /* 8 rows of 4 become 4 rows of 8 */    \
    {                                                                                  \
        CN__TWO_ROWS(r0, s, s_row);                                                    \
        CN__TWO_ROWS(r1, (s) + s_row, s_row);                                          \
        CN__TWO_ROWS(r2, (s) + 2 * s_row, s_row);                                      \
        CN__TWO_ROWS(r3, (s) + 3 * s_row, s_row);                                      \
        const __m256 t0 = _mm256_unpacklo_ps(r0, r1), t1 = _mm256_unpackhi_ps(r0, r1); \
        const __m256 t2 = _mm256_unpacklo_ps(r2, r3), t3 = _mm256_unpackhi_ps(r2, r3); \
        _mm256_storeu_ps(d, _mm256_shuffle_ps(t0, t2, 0x44));                          \
        _mm256_storeu_ps((d) + d_row, _mm256_shuffle_ps(t0, t2, 0xee));                \
        _mm256_storeu_ps((d) + 2 * d_row, _mm256_shuffle_ps(t1, t3, 0x44));            \
        _mm256_storeu_ps((d) + 3 * d_row, _mm256_shuffle_ps(t1, t3, 0xee));            \
    }
#define CN__TRANSPOSE_avx2(s, s_row, d, d_row)                     \
    {                                                              \
        CN__TRANSPOSE_HALF(s, s_row, d, d_row)                     \
        CN__TRANSPOSE_HALF((s) + 4, s_row, (d) + 4 * d_row, d_row) \
    }
#endif

#define CN__VECTOR_sse2(T) CN__JOIN(__m128, CN__INTEL_D_##T)
#define CN__LANES_sse2(T) (16 / sizeof(T))
#define CN__MASKS_sse2 0
#define CN__LOAD_sse2(T, p) CN__INTEL(T, _mm_loadu)(p)
#define CN__STORE_sse2(T, p, v) CN__INTEL(T, _mm_storeu)(p, v)
#define CN__LOAD_FIRST_sse2(T, n, p) CN__LOAD_FIRST_OF(sse2, T, n, p)
#define CN__STORE_FIRST_sse2(T, n, p, v) CN__STORE_FIRST_OF(sse2, T, n, p, v)
#define CN__LANE_sse2(T, v) (v)[0]
#define CN__SET_sse2(T, s) CN__INTEL(T, _mm_set1)(s)
#define CN__ADD_sse2(T, a, b) ((a) + (b))
#define CN__MUL_sse2(T, a, b) ((a) * (b))
#ifdef __FMA__
#define CN__FMA_sse2(T, a, b, c) CN__INTEL(T, _mm_fmadd)(a, b, c)
#else
#define CN__FMA_sse2(T, a, b, c) ((a) * (b) + (c))
#endif
#define CN__RELU_sse2(v) CN__INTEL(cn_real, _mm_max)(CN__SET_sse2(cn_real, 0), v)
#define CN__RELU_BACK_sse2(y, v) \
    CN__INTEL(cn_real, _mm_and)(CN__INTEL(cn_real, _mm_cmpnle)(y, CN__SET_sse2(cn_real, 0)), v)
#define CN__SIGN_BIT_sse2 _mm_castsi128_pd(_mm_set1_epi64x(CN__INTEL_SIGN))
#define CN__ABS_sse2(a) _mm_andnot_pd(CN__SIGN_BIT_sse2, a)
#define CN__MAX_sse2(a, b) _mm_max_pd(a, b)
#define CN__RSQRT_sse2(r, x) const __m128d r = _mm_set1_pd(1) / _mm_sqrt_pd(x)
#define CN__COPYSIGN_sse2(r, d) _mm_or_pd(_mm_and_pd(d, CN__SIGN_BIT_sse2), r)
#define CN__PREFETCH_sse2 CN__PREFETCH_avx512
#define CN__SQUARE_sse2 1
#define CN__TRANSPOSE_sse2 CN__TRANSPOSE_plain
#define CN__WIDEN_sse2(p) _mm_cvtps_pd(_mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)(const void *)(p))))
#define CN__NARROW_sse2(p, v) _mm_storel_epi64((__m128i *)(void *)(p), _mm_castps_si128(_mm_cvtpd_ps(v)))
#define CN__WIDEN_FIRST_sse2(n, p) CN__WIDEN_FIRST_OF(sse2, n, p)
#define CN__NARROW_FIRST_sse2(n, p, v) CN__NARROW_FIRST_OF(sse2, n, p, v)
#endif

/* ---- ARM: NEON of 64 bits */

#ifdef CN__NEON
#define CN__ARM(T, name) CN__JOIN(name, CN__ARM_##T)
#define CN__ARM_double _f64
#define CN__ARM_VECTOR_double float64x2_t
#if CN__DOUBLE
#define CN__ARM_cn_real _f64
#define CN__ARM_VECTOR_cn_real float64x2_t
#else
#define CN__ARM_cn_real _f32
#define CN__ARM_VECTOR_cn_real float32x4_t
#endif
#define CN__TARGET_neon
#define CN__VECTOR_neon(T) CN__ARM_VECTOR_##T
#define CN__LANES_neon(T) (16 / sizeof(T))
#define CN__MASKS_neon 0
#define CN__LOAD_neon(T, p) CN__ARM(T, vld1q)(p)
#define CN__STORE_neon(T, p, v) CN__ARM(T, vst1q)(p, v)
#define CN__LOAD_FIRST_neon(T, n, p) CN__LOAD_FIRST_OF(neon, T, n, p)
#define CN__STORE_FIRST_neon(T, n, p, v) CN__STORE_FIRST_OF(neon, T, n, p, v)
#define CN__LANE_neon(T, v) (v)[0]
#define CN__SET_neon(T, s) CN__ARM(T, vdupq_n)(s)
#define CN__ADD_neon(T, a, b) CN__ARM(T, vaddq)(a, b)
#define CN__MUL_neon(T, a, b) CN__ARM(T, vmulq)(a, b)
#define CN__FMA_neon(T, a, b, c) CN__ARM(T, vfmaq)(c, a, b)
#define CN__RELU_neon(v) CN__ARM(cn_real, vbslq)(CN__ARM(cn_real, vcltzq)(v), CN__SET_neon(cn_real, 0), v)
#define CN__RELU_BACK_neon(y, v) CN__ARM(cn_real, vbslq)(CN__ARM(cn_real, vclezq)(y), CN__SET_neon(cn_real, 0), v)
#define CN__ABS_neon(a) vabsq_f64(a)
#define CN__MAX_neon(a, b) vmaxq_f64(a, b)
#define CN__RSQRT_neon(r, x) const float64x2_t r = vdivq_f64(vdupq_n_f64(1), vsqrtq_f64(x))
#define CN__COPYSIGN_neon(r, d) vbslq_f64(vdupq_n_u64((uint64_t)1 << 63), d, r)
#define CN__PREFETCH_neon CN__PREFETCH_plain
#define CN__SQUARE_neon 1
#define CN__TRANSPOSE_neon CN__TRANSPOSE_plain
#define CN__WIDEN_neon(p) vcvt_f64_f32(vld1_f32(p))
#define CN__NARROW_neon(p, v) vst1_f32(p, vcvt_f32_f64(v))
#define CN__WIDEN_FIRST_neon(n, p) CN__WIDEN_FIRST_OF(neon, n, p)
#define CN__NARROW_FIRST_neon(n, p, v) CN__NARROW_FIRST_OF(neon, n, p, v)
#endif

/* ---- WebAssembly, 128 bits */

#ifdef CN__WASM
#define CN__WEB(T, name) CN__JOIN(CN__WEB_##T, name)
#define CN__WEB_double wasm_f64x2_
#if CN__DOUBLE
#define CN__WEB_cn_real wasm_f64x2_
#else
#define CN__WEB_cn_real wasm_f32x4_
#endif
#define CN__TARGET_wasm
#define CN__VECTOR_wasm(T) v128_t
#define CN__LANES_wasm(T) (16 / sizeof(T))
#define CN__MASKS_wasm 0
#define CN__LOAD_wasm(T, p) wasm_v128_load(p)
#define CN__STORE_wasm(T, p, v) wasm_v128_store(p, v)
#define CN__LOAD_FIRST_wasm(T, n, p) CN__LOAD_FIRST_OF(wasm, T, n, p)
#define CN__STORE_FIRST_wasm(T, n, p, v) CN__STORE_FIRST_OF(wasm, T, n, p, v)
#define CN__LANE_wasm(T, v) CN__WEB(T, extract_lane)(v, 0)
#define CN__SET_wasm(T, s) CN__WEB(T, splat)(s)
#define CN__ADD_wasm(T, a, b) CN__WEB(T, add)(a, b)
#define CN__MUL_wasm(T, a, b) CN__WEB(T, mul)(a, b)
#define CN__FMA_wasm(T, a, b, c) CN__ADD_wasm(T, CN__MUL_wasm(T, a, b), c)
#define CN__RELU_wasm(v) wasm_v128_andnot(v, CN__WEB(cn_real, lt)(v, CN__SET_wasm(cn_real, 0)))
#define CN__RELU_BACK_wasm(y, v) wasm_v128_andnot(v, CN__WEB(cn_real, le)(y, CN__SET_wasm(cn_real, 0)))
#define CN__ABS_wasm(a) wasm_f64x2_abs(a)
#define CN__MAX_wasm(a, b) wasm_f64x2_pmax(a, b)
#define CN__RSQRT_wasm(r, x) const v128_t r = wasm_f64x2_div(wasm_f64x2_splat(1), wasm_f64x2_sqrt(x))
#define CN__COPYSIGN_wasm(r, d) wasm_v128_bitselect(d, r, wasm_i64x2_splat((int64_t)((uint64_t)1 << 63)))
#define CN__PREFETCH_wasm CN__PREFETCH_plain
#define CN__SQUARE_wasm 1
#define CN__TRANSPOSE_wasm CN__TRANSPOSE_plain
#define CN__WIDEN_wasm(p) wasm_f64x2_promote_low_f32x4(wasm_v128_load64_zero(p))
#define CN__NARROW_wasm(p, v) wasm_v128_store64_lane(p, wasm_f32x4_demote_f64x2_zero(v), 0)
#define CN__WIDEN_FIRST_wasm(n, p) CN__WIDEN_FIRST_OF(wasm, n, p)
#define CN__NARROW_FIRST_wasm(n, p, v) CN__NARROW_FIRST_OF(wasm, n, p, v)
#endif

/* ---- derived primitives */

#if CN__DOUBLE
#define CN__WIDEN(X, p) CN__LOAD_##X(double, p)
#define CN__NARROW(X, p, v) CN__STORE_##X(double, p, v)
#define CN__WIDEN_FIRST(X, n, p) CN__LOAD_FIRST_##X(double, n, p)
#define CN__NARROW_FIRST(X, n, p, v) CN__STORE_FIRST_##X(double, n, p, v)
#else
#define CN__WIDEN(X, p) CN__WIDEN_##X(p)
#define CN__NARROW(X, p, v) CN__NARROW_##X(p, v)
#define CN__WIDEN_FIRST(X, n, p) CN__WIDEN_FIRST_##X(n, p)
#define CN__NARROW_FIRST(X, n, p, v) CN__NARROW_FIRST_##X(n, p, v)
#endif

/* how many of the n numbers that are left the next _FIRST takes */
#define CN__SOME(X, T, n) ((n) >= CN__LANES_##X(T) ? CN__LANES_##X(T) : CN__MASKS_##X ? (n) : 1)

/* CN__ROWSn(F, X, V): F(X, V, i) for i = 0 .. n-1. CN__BESIDEn(F, X, V, i): F(X, V, i, j) for j = 0 .. n-1 */
#define CN__ROWS1(F, X, V) F(X, V, 0)
#define CN__ROWS2(F, X, V) CN__ROWS1(F, X, V) F(X, V, 1)
#define CN__ROWS3(F, X, V) CN__ROWS2(F, X, V) F(X, V, 2)
#define CN__ROWS4(F, X, V) CN__ROWS3(F, X, V) F(X, V, 3)
#define CN__ROWS5(F, X, V) CN__ROWS4(F, X, V) F(X, V, 4)
#define CN__ROWS6(F, X, V) CN__ROWS5(F, X, V) F(X, V, 5)
#define CN__ROWS7(F, X, V) CN__ROWS6(F, X, V) F(X, V, 6)
#define CN__ROWS8(F, X, V) CN__ROWS7(F, X, V) F(X, V, 7)
#define CN__ROWS9(F, X, V) CN__ROWS8(F, X, V) F(X, V, 8)
#define CN__ROWS10(F, X, V) CN__ROWS9(F, X, V) F(X, V, 9)
#define CN__ROWS12(F, X, V) CN__ROWS10(F, X, V) F(X, V, 10) F(X, V, 11)
#define CN__ROWS16(F, X, V) CN__ROWS12(F, X, V) F(X, V, 12) F(X, V, 13) F(X, V, 14) F(X, V, 15)
#define CN__BESIDE1(F, X, V, i) F(X, V, i, 0)
#define CN__BESIDE2(F, X, V, i) CN__BESIDE1(F, X, V, i) F(X, V, i, 1)
#define CN__BESIDE3(F, X, V, i) CN__BESIDE2(F, X, V, i) F(X, V, i, 2)
#define CN__BESIDE4(F, X, V, i) CN__BESIDE3(F, X, V, i) F(X, V, i, 3)

/* ---- the micro-kernel: a tile of R rows of V vectors of out, kept in registers */

/* One strip of columns of out: all m rows by V vectors, in tiles as cn__tile_rows(, tall, low) says. Row i of A begins
   at a + i * a_row; packed tiles of R rows stand at a + i * k, column by column. One vector alone has width lanes, and
   without masks it must be whole; of several, the last ends with the strip. */
typedef struct cn__strip {
    size_t m, tall, low, k;
    const cn_real *a;
    size_t a_row, a_col;
    int packed;
    const cn_real *b;
    size_t b_row;
    cn_real *out;
    size_t o_row, width;
    cn_real alpha, beta;
} cn__strip;

/* How many of the rows that are left the next tile takes. There are kernels for `tall` rows and for 1 to `low`; a tile
   of few rows waits for itself, so what is left is cut evenly. */
static size_t cn__tile_rows(size_t left, size_t tall, size_t low) {
    if (left <= low || left == tall) return left;
    return left <= tall + 1 || left <= 2 * low ? CN__MIN((left + 1) / 2, low) : tall;
}

/* Element (row i, column p) of A, whose column p begins at a0 (row 7: a7). rs: bytes from row to row; an address can
   say rs, 2 rs, 4 rs, 8 rs; rs3 = 3 rs and rs5 = 5 rs help */
#define CN__AT(base, bytes) *(const cn_real *)(const void *)((const char *)(base) + (bytes))
#define CN__A0 CN__AT(a0, 0)
#define CN__A1 CN__AT(a0, rs)
#define CN__A2 CN__AT(a0, 2 * rs)
#define CN__A3 CN__AT(a0, rs3)
#define CN__A4 CN__AT(a0, 4 * rs)
#define CN__A5 CN__AT(a0, rs5)
#define CN__A6 CN__AT(a0, 2 * rs3)
#define CN__A7 CN__AT(a7, 0)
#define CN__A8 CN__AT(a7, rs)
#define CN__A9 CN__AT(a7, 2 * rs)
#define CN__A10 CN__AT(a7, rs3)
#define CN__A11 CN__AT(a7, 4 * rs)

/* the accumulators of row i: c_i_j = 0 */
#define CN__TILE_ZERO(X, V, i) CN__BESIDE##V(CN__TILE_ZERO_J, X, V, i)
#define CN__TILE_ZERO_J(X, V, i, j) CN__VECTOR_##X(cn_real) c##i##_##j = zero;
/* where vector j of a row begins: the last of several ends with the strip, so that it may share columns with the one
   before (both then get the same numbers there), and nothing is read or written beyond */
#define CN__TILE_AT(X, V, j) ((V) > 1 && (j) + 1 == (V) && CN__LANES_##X(cn_real) > 1 ? end : (j)*lanes)
#define CN__TILE_LOAD(X, V, q, j) \
    ((V) == 1 ? CN__LOAD_FIRST_##X(cn_real, last, q) : CN__LOAD_##X(cn_real, (q) + CN__TILE_AT(X, V, j)))
/* b_j = vector j of this row of B */
#define CN__TILE_LOAD_J(X, V, i, j) const CN__VECTOR_##X(cn_real) b##j = CN__TILE_LOAD(X, V, bp, j);
/* two vectors beside each other are the kernel of large matrices: asks for what comes eight rows later */
#define CN__TILE_AHEAD_J(X, V, i, j)                                        \
    if ((V) == 2 && (j)*CN__LANES_##X(cn_real) * sizeof(cn_real) % 64 == 0) \
        CN__PREFETCH_##X(bp + 8 * b_row + (j)*lanes);
/* c_i_j += a_i b_j */
#define CN__TILE_STEP(X, V, i)                                            \
    {                                                                     \
        const CN__VECTOR_##X(cn_real) t = CN__SET_##X(cn_real, CN__A##i); \
        CN__BESIDE##V(CN__TILE_STEP_J, X, V, i)                           \
    }
#define CN__TILE_STEP_J(X, V, i, j) c##i##_##j = CN__FMA_##X(cn_real, t, b##j, c##i##_##j);
/* c_i_j *= alpha */
#define CN__TILE_SCALE(X, V, i) CN__BESIDE##V(CN__TILE_SCALE_J, X, V, i)
#define CN__TILE_SCALE_J(X, V, i, j) c##i##_##j = CN__MUL_##X(cn_real, alpha, c##i##_##j);
/* c_i_j += beta * out */
#define CN__TILE_ADD(X, V, i)               \
    CN__BESIDE##V(CN__TILE_ADD_J, X, V, i); \
    q += o_row;                             \
    CN__PIN(q);
#define CN__TILE_ADD_J(X, V, i, j) c##i##_##j = CN__FMA_##X(cn_real, beta, CN__TILE_LOAD(X, V, q, j), c##i##_##j);
/* row i of out = c_i_j */
#define CN__TILE_PUT(X, V, i)               \
    CN__BESIDE##V(CN__TILE_PUT_J, X, V, i); \
    o += o_row;                             \
    CN__PIN(o);
#define CN__TILE_PUT_J(X, V, i, j)                         \
    if ((V) == 1)                                          \
        CN__STORE_FIRST_##X(cn_real, last, o, c##i##_##j); \
    else                                                   \
        CN__STORE_##X(cn_real, o + CN__TILE_AT(X, V, j), c##i##_##j);

/* The tile's case in cn__stripV_X. The tile of out is fetched ahead where k is long enough to be worth it. */
#define CN__TILE(X, V, R)                                                         \
    case R: {                                                                     \
        const cn_real *a7 = (R) > 7 ? a0 + 7 * (rs / sizeof(cn_real)) : a0;       \
        const CN__VECTOR_##X(cn_real) zero = CN__SET_##X(cn_real, 0);             \
        CN__ROWS##R(CN__TILE_ZERO, X, V);                                         \
        CN__PIN(a0);                                                              \
        if ((R) > 7) CN__PIN(a7);                                                 \
        for (p = 0; p < (R) && k > 128; p++) {                                    \
            CN__PREFETCH_##X(o + p * o_row);                                      \
            CN__PREFETCH_##X(o + p * o_row + s->width - 1);                       \
        }                                                                         \
        for (p = k; p; p--) {                                                     \
            CN__BESIDE##V(CN__TILE_LOAD_J, X, V, 0);                              \
            CN__BESIDE##V(CN__TILE_AHEAD_J, X, V, 0);                             \
            CN__ROWS##R(CN__TILE_STEP, X, V);                                     \
            a0 += cs;                                                             \
            CN__PIN(a0);                                                          \
            if ((R) > 7) {                                                        \
                a7 += cs;                                                         \
                CN__PIN(a7);                                                      \
            }                                                                     \
            bp += b_row;                                                          \
        }                                                                         \
        if (s->alpha != 1) {                                                      \
            const CN__VECTOR_##X(cn_real) alpha = CN__SET_##X(cn_real, s->alpha); \
            CN__ROWS##R(CN__TILE_SCALE, X, V);                                    \
        }                                                                         \
        if (s->beta != 0) {                                                       \
            const CN__VECTOR_##X(cn_real) beta = CN__SET_##X(cn_real, s->beta);   \
            const cn_real *q = o;                                                 \
            CN__ROWS##R(CN__TILE_ADD, X, V);                                      \
        }                                                                         \
        CN__ROWS##R(CN__TILE_PUT, X, V);                                          \
        break;                                                                    \
    }
/* CN__TILES_t_l: a tall tile has t rows, there are all of 1 to l (see cn__tile_rows) */
#define CN__TILES_3_3(X, V) CN__TILE(X, V, 1) CN__TILE(X, V, 2) CN__TILE(X, V, 3)
#define CN__TILES_4_4(X, V) CN__TILES_3_3(X, V) CN__TILE(X, V, 4)
#define CN__TILES_6_6(X, V) CN__TILES_4_4(X, V) CN__TILE(X, V, 5) CN__TILE(X, V, 6)
#define CN__TILES_12_7(X, V) CN__TILES_6_6(X, V) CN__TILE(X, V, 7) CN__TILE(X, V, 12)
#define CN__TILES_12_10(X, V) CN__TILES_12_7(X, V) CN__TILE(X, V, 8) CN__TILE(X, V, 9) CN__TILE(X, V, 10)

#define CN__STRIP(X, V, TILES)                                                     \
    static CN__TARGET_##X void cn__strip##V##_##X(const cn__strip *s) {            \
        const size_t lanes = CN__LANES_##X(cn_real), end = s->width - lanes;       \
        const size_t last = CN__MASKS_##X ? s->width : lanes;                      \
        const size_t k = s->k, b_row = s->b_row, o_row = s->o_row;                 \
        const size_t rs = (s->packed ? 1 : s->a_row) * sizeof(cn_real);            \
        size_t rs3 = 3 * rs, rs5 = 5 * rs, i, p, rows;                             \
        CN__PIN(rs3);                                                              \
        CN__PIN(rs5);                                                              \
        (void)last, (void)end;                                                     \
        for (i = 0; i < s->m; i += rows) {                                         \
            const cn_real *a0 = s->a + i * (s->packed ? k : s->a_row), *bp = s->b; \
            cn_real *o = s->out + i * o_row;                                       \
            size_t cs;                                                             \
            rows = cn__tile_rows(s->m - i, s->tall, s->low);                       \
            cs = s->packed ? rows : s->a_col;                                      \
            switch (rows) {                                                        \
                TILES(X, V)                                                        \
            default:                                                               \
                break;                                                             \
            }                                                                      \
        }                                                                          \
    }

CN__STRIP(plain, 1, CN__TILES_3_3)
CN__STRIP(plain, 4, CN__TILES_3_3)
#ifdef CN__X86
CN__STRIP(avx512, 1, CN__TILES_12_10)
CN__STRIP(avx512, 2, CN__TILES_12_7)
CN__STRIP(avx512, 3, CN__TILES_6_6)
CN__STRIP(avx512, 4, CN__TILES_6_6)
CN__STRIP(avx2, 1, CN__TILES_12_7)
CN__STRIP(avx2, 2, CN__TILES_6_6)
CN__STRIP(sse2, 1, CN__TILES_4_4)
CN__STRIP(sse2, 2, CN__TILES_4_4)
#endif
#ifdef CN__NEON
CN__STRIP(neon, 1, CN__TILES_12_7)
CN__STRIP(neon, 2, CN__TILES_12_7)
#endif
#ifdef CN__WASM
CN__STRIP(wasm, 1, CN__TILES_12_7)
CN__STRIP(wasm, 2, CN__TILES_6_6)
#endif

/* ---- packing, sums in double, pointwise sweeps */

/* One panel: dst[p * w_all + j] = src[p * s_k + j * s_w], p < k, j < w, and zeros for w <= j < w_all. Rows are copied
   by vectors, columns transposed by squares in registers. */
#define CN__PACK(X)                                                                                            \
    static CN__TARGET_##X void cn__pack_##X(size_t k, size_t w, const cn_real *src, size_t s_k, size_t s_w,    \
                                            size_t w_all, cn_real *dst) {                                      \
        const size_t lanes = CN__LANES_##X(cn_real), body = w / lanes * lanes, side = CN__SQUARE_##X;          \
        size_t p, q, j, some;                                                                                  \
        for (p = 0; w < w_all && p < k; p++)                                                                   \
            for (j = body; j < w_all; j += lanes)                                                              \
                CN__STORE_##X(cn_real, dst + p * w_all + j, CN__SET_##X(cn_real, 0));                          \
        for (p = 0; s_w == 1 && p < k; p++, src += s_k, dst += w_all) {                                        \
            for (j = 0; j < body; j += lanes) CN__STORE_##X(cn_real, dst + j, CN__LOAD_##X(cn_real, src + j)); \
            for (; j < w; j += some) {                                                                         \
                some = CN__SOME(X, cn_real, w - j);                                                            \
                CN__STORE_FIRST_##X(cn_real, some, dst + j, CN__LOAD_FIRST_##X(cn_real, some, src + j));       \
            }                                                                                                  \
        }                                                                                                      \
        for (p = 0; s_w != 1 && p < k; p += side) { /* whole rows of dst, while they are in the first cache */ \
            j = 0;                                                                                             \
            if (s_k == 1 && p + side <= k)                                                                     \
                for (; j + side <= w; j += side) {                                                             \
                    const cn_real *s = src + p + j * s_w;                                                      \
                    cn_real *d = dst + p * w_all + j;                                                          \
                    CN__TRANSPOSE_##X(s, s_w, d, w_all);                                                       \
                }                                                                                              \
            for (; j < w; j++)                                                                                 \
                for (q = p; q < k && q < p + side; q++) dst[q * w_all + j] = src[q * s_k + j * s_w];           \
        }                                                                                                      \
    }

/* The sum of x y in double has 16 partial sums on every instruction set, sum i taking the elements i, i + 16, ..., and
   then a tree: float operands, whose products are exact in double, give the same bits on all of them. */
#define CN__DOT_ZERO(X, V, i) CN__VECTOR_##X(double) v##i = CN__SET_##X(double, 0);
#define CN__DOT_STEP(X, V, i) \
    if ((i)*lanes < 16) v##i = CN__FMA_##X(double, CN__WIDEN(X, x + (i)*lanes), CN__WIDEN(X, y + (i)*lanes), v##i);
#define CN__DOT_SAVE(X, V, i) \
    if ((i)*lanes < 16) CN__STORE_##X(double, s + (i)*lanes, v##i);
#define CN__DOT(X)                                                                           \
    static CN__TARGET_##X double cn__dot_##X(size_t n, const cn_real *x, const cn_real *y) { \
        const size_t lanes = CN__LANES_##X(double);                                          \
        double s[16];                                                                        \
        size_t i, j;                                                                         \
        CN__ROWS16(CN__DOT_ZERO, X, 1);                                                      \
        for (; n >= 16; n -= 16, x += 16, y += 16) {                                         \
            CN__ROWS16(CN__DOT_STEP, X, 1);                                                  \
            CN__PIN(x);                                                                      \
        }                                                                                    \
        CN__ROWS16(CN__DOT_SAVE, X, 1);                                                      \
        for (i = 0; i < n; i++) s[i] += (double)x[i] * (double)y[i];                         \
        for (j = 8; j; j /= 2)                                                               \
            for (i = 0; i < j; i++) s[i] += s[i + j];                                        \
        return s[0];                                                                         \
    }

/* y = alpha x + beta y: every element in the same way wherever it stands, computed in double and rounded once */
#define CN__AXPBY(X)                                                                                              \
    static CN__TARGET_##X void cn__axpby_##X(size_t n, double alpha, const cn_real *x, double beta, cn_real *y) { \
        const size_t lanes = CN__LANES_##X(double);                                                               \
        const CN__VECTOR_##X(double) a = CN__SET_##X(double, alpha), b = CN__SET_##X(double, beta),               \
                                     zero = CN__SET_##X(double, 0);                                               \
        size_t some;                                                                                              \
        for (; n >= 2 * lanes; n -= 2 * lanes, x += 2 * lanes, y += 2 * lanes) {                                  \
            const CN__VECTOR_##X(double) p = CN__FMA_##X(double, b, CN__WIDEN(X, y), zero);                       \
            const CN__VECTOR_##X(double) q = CN__FMA_##X(double, b, CN__WIDEN(X, y + lanes), zero);               \
            CN__NARROW(X, y, CN__FMA_##X(double, a, CN__WIDEN(X, x), p));                                         \
            CN__NARROW(X, y + lanes, CN__FMA_##X(double, a, CN__WIDEN(X, x + lanes), q));                         \
        }                                                                                                         \
        for (; n; n -= some, x += some, y += some) {                                                              \
            some = CN__SOME(X, double, n);                                                                        \
            CN__NARROW_FIRST(X, some, y,                                                                          \
                             CN__FMA_##X(double, a, CN__WIDEN_FIRST(X, some, x),                                  \
                                         CN__FMA_##X(double, b, CN__WIDEN_FIRST(X, some, y), zero)));             \
        }                                                                                                         \
    }

/* sum += x */
#define CN__ACCUMULATE(X)                                                                                \
    static CN__TARGET_##X void cn__accumulate_##X(size_t n, const cn_real *x, double *sum) {             \
        const size_t lanes = CN__LANES_##X(double);                                                      \
        for (; n >= lanes; n -= lanes, x += lanes, sum += lanes)                                         \
            CN__STORE_##X(double, sum, CN__ADD_##X(double, CN__LOAD_##X(double, sum), CN__WIDEN(X, x))); \
        for (; n; n--) *sum++ += (double)*x++;                                                           \
    }

/* Every row of out (rows x cols, dense) gets bias added; then, with relu, negative numbers become 0 (NaN stays). */
#define CN__BIAS(X)                                                                                                   \
    static CN__TARGET_##X void cn__bias_##X(size_t rows, size_t cols, const cn_real *bias, cn_real *out, int relu) {  \
        const size_t lanes = CN__LANES_##X(cn_real);                                                                  \
        size_t i, j;                                                                                                  \
        for (i = 0; i < rows; i++, out += cols) {                                                                     \
            for (j = 0; relu && j + lanes <= cols; j += lanes) {                                                      \
                const CN__VECTOR_##X(cn_real) v =                                                                     \
                    CN__ADD_##X(cn_real, CN__LOAD_##X(cn_real, out + j), CN__LOAD_##X(cn_real, bias + j));            \
                CN__STORE_##X(cn_real, out + j, CN__RELU_##X(v));                                                     \
            }                                                                                                         \
            for (; j + lanes <= cols; j += lanes)                                                                     \
                CN__STORE_##X(cn_real, out + j,                                                                       \
                              CN__ADD_##X(cn_real, CN__LOAD_##X(cn_real, out + j), CN__LOAD_##X(cn_real, bias + j))); \
            for (; j < cols; j++) {                                                                                   \
                out[j] += bias[j];                                                                                    \
                if (relu && out[j] < 0) out[j] = 0;                                                                   \
            }                                                                                                         \
        }                                                                                                             \
    }

/* x = max(x, 0) in place; NaN stays */
#define CN__RELUS(X)                                                                                          \
    static CN__TARGET_##X void cn__relu_##X(size_t n, cn_real *x) {                                           \
        const size_t lanes = CN__LANES_##X(cn_real);                                                          \
        for (; n >= lanes; n -= lanes, x += lanes) {                                                          \
            const CN__VECTOR_##X(cn_real) v = CN__LOAD_##X(cn_real, x);                                       \
            CN__STORE_##X(cn_real, x, CN__RELU_##X(v));                                                       \
        }                                                                                                     \
        for (; n; n--, x++) *x = *x < 0 ? 0 : *x;                                                             \
    }                                                                                                         \
    /* g = 0 where y <= 0, y being relu's input or its output */                                              \
    static CN__TARGET_##X void cn__relu_back_##X(size_t n, const cn_real *y, cn_real *g) {                    \
        const size_t lanes = CN__LANES_##X(cn_real);                                                          \
        for (; n >= lanes; n -= lanes, y += lanes, g += lanes)                                                \
            CN__STORE_##X(cn_real, g, CN__RELU_BACK_##X(CN__LOAD_##X(cn_real, y), CN__LOAD_##X(cn_real, g))); \
        for (; n; n--, y++, g++) *g = *y <= 0 ? 0 : *g;                                                       \
    }

/* Jacobi rotations of CN__SIDE symmetric k x k problems side by side, a [k][k][CN__SIDE] (upper triangles), v alike
   with eigenvectors as rows, or NULL: one sweep. Without branches, and with enough problems that the chains of roots
   and divisions overlap. Entries of size 1 are assumed; 1e-150 stands for 0 where a quotient needs it, by a maximum and
   not by an addition, which -ffast-math may move to where it is lost. */
enum { CN__SIDE = 16 };
/* The angle for the vector i of problems from h on, and the three elements that it is made of. tan = 2 a_pq / (d +
   sign(d) r) with d = a_qq - a_pp, r^2 = d^2 + 4 a_pq^2, by way of cos^2 = u = (1 + |d| / r) / 2: two reciprocal roots,
   no division. s: |d|. */
#define CN__ANGLE(X, i)                                                                                                \
    double *pp##i = pp + h + (i)*lanes, *qq##i = qq + h + (i)*lanes, *pq##i = pq + h + (i)*lanes;                      \
    const CN__VECTOR_##X(double) app##i = CN__LOAD_##X(double, pp##i), aqq##i = CN__LOAD_##X(double, qq##i);           \
    const CN__VECTOR_##X(double) apq##i = CN__LOAD_##X(double, pq##i), twice##i = CN__ADD_##X(double, apq##i, apq##i); \
    const CN__VECTOR_##X(double) d##i = CN__FMA_##X(double, minus, app##i, aqq##i);                                    \
    const CN__VECTOR_##X(double) s##i = CN__MAX_##X(CN__ABS_##X(d##i), tiny);                                          \
    CN__RSQRT_##X(r##i, CN__FMA_##X(double, twice##i, twice##i, CN__MUL_##X(double, s##i, s##i)));                     \
    const CN__VECTOR_##X(double) w##i = CN__COPYSIGN_##X(r##i, d##i);                                                  \
    const CN__VECTOR_##X(double) u##i = CN__FMA_##X(double, CN__MUL_##X(double, half, s##i), r##i, half);              \
    CN__RSQRT_##X(v##i, u##i);                                                                                         \
    const CN__VECTOR_##X(double) cosine##i = CN__MUL_##X(double, u##i, v##i);                                          \
    const CN__VECTOR_##X(double) sine##i = CN__MUL_##X(double, CN__MUL_##X(double, apq##i, w##i), v##i);               \
    const CN__VECTOR_##X(double) opposite##i = CN__MUL_##X(double, minus, sine##i);                                    \
    const CN__VECTOR_##X(double) tangent##i = CN__MUL_##X(double, sine##i, v##i);                                      \
    CN__STORE_##X(double, pp##i, CN__FMA_##X(double, CN__MUL_##X(double, minus, tangent##i), apq##i, app##i));         \
    CN__STORE_##X(double, qq##i, CN__FMA_##X(double, tangent##i, apq##i, aqq##i));                                     \
    CN__STORE_##X(double, pq##i, CN__SET_##X(double, 0))
/* x, y <- cosine x - sine y, sine x + cosine y, for the vector i of problems from h on */
#define CN__TURN(X, i, x, y)                                                                                 \
    {                                                                                                        \
        double *xp = (x) + h + (i)*lanes, *yp = (y) + h + (i)*lanes;                                         \
        const CN__VECTOR_##X(double) xx = CN__LOAD_##X(double, xp), yy = CN__LOAD_##X(double, yp);           \
        CN__STORE_##X(double, xp, CN__FMA_##X(double, cosine##i, xx, CN__MUL_##X(double, opposite##i, yy))); \
        CN__STORE_##X(double, yp, CN__FMA_##X(double, sine##i, xx, CN__MUL_##X(double, cosine##i, yy)));     \
    }
#define CN__TURNS(X, x, y) \
    { CN__TURN(X, 0, x, y) CN__TURN(X, 1, x, y) }
#define CN__JACOBI(X)                                                                                               \
    static CN__TARGET_##X void cn__jacobi_##X(size_t k, double *a, double *v) {                                     \
        const CN__VECTOR_##X(double) half = CN__SET_##X(double, 0.5), minus = CN__SET_##X(double, -1),              \
                                     tiny = CN__SET_##X(double, 1e-150);                                            \
        const size_t lanes = CN__LANES_##X(double), down = k * CN__SIDE, right = CN__SIDE;                          \
        size_t p, q, h;                                                                                             \
        double *x, *y, *end;                                                                                        \
        for (p = 0; p < k; p++)                                                                                     \
            for (q = p + 1; q < k; q++) {                                                                           \
                double *pp = a + p * (down + right), *qq = a + q * (down + right), *pq = a + p * down + q * right;  \
                for (h = 0; h < CN__SIDE; h += 2 * lanes) {                                                         \
                    CN__ANGLE(X, 0);                                                                                \
                    CN__ANGLE(X, 1);                                                                                \
                    for (x = a + p * right, y = a + q * right; x < pp; x += down, y += down)                        \
                        CN__TURNS(X, x, y) /* above row p */                                                        \
                    for (x = pp + right, y = a + (p + 1) * down + q * right; y < qq; x += right, y += down)         \
                        CN__TURNS(X, x, y)                                                                          \
                    for (x = pq + right, y = qq + right, end = a + (p + 1) * down; x < end; x += right, y += right) \
                        CN__TURNS(X, x, y)                                                                          \
                    if (v)                                                                                          \
                        for (x = v + p * down, y = v + q * down, end = x + down; x < end; x += right, y += right)   \
                            CN__TURNS(X, x, y)                                                                      \
                }                                                                                                   \
            }                                                                                                       \
    }                                                                                                               \
    static CN__TARGET_##X double cn__off_##X(size_t k,                                                              \
                                             const double *a) /* the largest sum of squares above a diagonal */     \
    {                                                                                                               \
        const size_t lanes = CN__LANES_##X(double);                                                                 \
        double sum[CN__SIDE], most = 0;                                                                             \
        size_t p, q, h;                                                                                             \
        for (h = 0; h < CN__SIDE; h += lanes) {                                                                     \
            CN__VECTOR_##X(double) s = CN__SET_##X(double, 0);                                                      \
            for (p = 0; p < k; p++)                                                                                 \
                for (q = p + 1; q < k; q++) {                                                                       \
                    const CN__VECTOR_##X(double) x = CN__LOAD_##X(double, a + (p * k + q) * CN__SIDE + h);          \
                    s = CN__FMA_##X(double, x, x, s);                                                               \
                }                                                                                                   \
            CN__STORE_##X(double, sum + h, s);                                                                      \
        }                                                                                                           \
        for (h = 0; h < CN__SIDE; h++) most = sum[h] > most ? sum[h] : most;                                        \
        return most;                                                                                                \
    }

/* ---- one table of kernels per instruction set, and the choice among them */

/* vectors: the most beside each other; packed: the most on packed rows, whose tiles are higher. tile[v - 1]: the kernel
   for v vectors, or NULL, and its CN__TILES_tall_low. */
typedef struct cn__kernels {
    size_t (*lanes)(void);
    int masks;
    size_t vectors, packed;
    struct {
        size_t tall, low;
        void (*strip)(const cn__strip *s);
    } tile[4];
    void (*pack)(size_t k, size_t w, const cn_real *src, size_t s_k, size_t s_w, size_t w_all, cn_real *dst);
    double (*dot)(size_t n, const cn_real *x, const cn_real *y);
    void (*axpby)(size_t n, double alpha, const cn_real *x, double beta, cn_real *y);
    void (*accumulate)(size_t n, const cn_real *x, double *sum);
    void (*bias)(size_t rows, size_t cols, const cn_real *bias, cn_real *out, int relu);
    void (*relu)(size_t n, cn_real *x);
    void (*relu_back)(size_t n, const cn_real *y, cn_real *g);
    void (*jacobi)(size_t k, double *a, double *v);
    double (*off)(size_t k, const double *a);
} cn__kernels;

/* cn__kernels_X, of the strips above */
#define CN__KERNELS(X, vectors, packed, ...)                                                                        \
    CN__PACK(X)                                                                                                     \
    CN__DOT(X)                                                                                                      \
    CN__AXPBY(X)                                                                                                    \
    CN__ACCUMULATE(X)                                                                                               \
    CN__BIAS(X)                                                                                                     \
    CN__RELUS(X)                                                                                                    \
    CN__JACOBI(X)                                                                                                   \
    static CN__TARGET_##X size_t cn__lanes_##X(void) { return CN__LANES_##X(cn_real); }                             \
    static const cn__kernels cn__kernels_##X = {cn__lanes_##X,      CN__MASKS_##X, vectors,      packed,            \
                                                {__VA_ARGS__},      cn__pack_##X,  cn__dot_##X,  cn__axpby_##X,     \
                                                cn__accumulate_##X, cn__bias_##X,  cn__relu_##X, cn__relu_back_##X, \
                                                cn__jacobi_##X,     cn__off_##X};

CN__KERNELS(plain, 4, 4, {3, 3, cn__strip1_plain}, {0, 0, NULL}, {0, 0, NULL}, {3, 3, cn__strip4_plain})
#ifdef CN__X86
CN__KERNELS(avx512, 4, 2, {12, 10, cn__strip1_avx512}, {12, 7, cn__strip2_avx512}, {6, 6, cn__strip3_avx512},
            {6, 6, cn__strip4_avx512})
CN__KERNELS(avx2, 2, 2, {12, 7, cn__strip1_avx2}, {6, 6, cn__strip2_avx2})
CN__KERNELS(sse2, 2, 2, {4, 4, cn__strip1_sse2}, {4, 4, cn__strip2_sse2})
#endif
#ifdef CN__NEON
CN__KERNELS(neon, 2, 2, {12, 7, cn__strip1_neon}, {12, 7, cn__strip2_neon})
#endif
#ifdef CN__WASM
CN__KERNELS(wasm, 2, 2, {12, 7, cn__strip1_wasm}, {6, 6, cn__strip2_wasm})
#endif

static const cn__kernels *cn__kernels_of(int isa) /* plain C's for what was not compiled */
{
    switch (isa) {
#ifdef CN__X86
    case CN_ISA_AVX512:
        return &cn__kernels_avx512;
    case CN_ISA_AVX2:
        return &cn__kernels_avx2;
    case CN_ISA_SSE2:
        return &cn__kernels_sse2;
#endif
#ifdef CN__NEON
    case CN_ISA_NEON:
        return &cn__kernels_neon;
#endif
#ifdef CN__WASM
    case CN_ISA_WASM:
        return &cn__kernels_wasm;
#endif
    default:
        return &cn__kernels_plain;
    }
}

#ifdef CN__X86
static int cn__xcr0(void) /* which registers the operating system saves */
{
    unsigned lo, hi;
    __asm__ volatile(".byte 0x0f, 0x01, 0xd0" : "=a"(lo), "=d"(hi) : "c"(0)); /* xgetbv */
    (void)hi;
    return (int)(lo & 0xe6);
}
#endif

static int cn__cpu(void) /* the best instruction set of this machine */
{
#if defined(CN__X86)
    unsigned a, b, c, d, b7 = 0;
    int saved = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(d >> 26 & 1)) return CN_ISA_C;
    if ((c >> 27 & 1) && (c >> 28 & 1) && (c >> 12 & 1)) /* osxsave, avx, fma */
        saved = cn__xcr0();
    if (saved && __get_cpuid_count(7, 0, &a, &b7, &c, &d)) {
        const unsigned skx = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31; /* avx512 f, dq, bw, vl */
        if (saved == 0xe6 && (b7 >> 5 & 1) && (b7 & skx) == skx) return CN_ISA_AVX512;
        if ((saved & 6) == 6 && (b7 >> 5 & 1)) return CN_ISA_AVX2;
    }
    return CN_ISA_SSE2;
#elif defined(CN__NEON)
    return CN_ISA_NEON;
#elif defined(CN__WASM)
    return CN_ISA_WASM;
#else
    return CN_ISA_C;
#endif
}

static int cn__isa_ok(int isa, int cpu) {
    return isa == CN_ISA_C || (isa <= cpu && cn__kernels_of(isa) != &cn__kernels_plain);
}

/* ---- matrix product */

/* Blocks, in elements. KC decides bits, the others only speed. */
#ifndef CN__KC
#define CN__KC (CN__DOUBLE ? 400 : 800)
#endif
#ifndef CN__MC
#define CN__MC (CN__DOUBLE ? 132 : 168)
#endif
#ifndef CN__NC
#define CN__NC 1024
#endif
#ifndef CN__L2
#define CN__L2 262144 /* bytes of an operand that stay in the cache */
#endif
#define CN__TILE_MAX (12 * 128 / sizeof(cn_real)) /* the largest tile: 12 rows of two vectors of 64 bytes */

/* A strip whose last vector may not be written, or whose columns are scattered: by way of a small full tile. */
static void cn__strip_edge(void (*strip)(const cn__strip *s), const cn__strip *all, size_t o_col, size_t w) {
    cn_real tile[CN__TILE_MAX];
    cn__strip s = *all;
    const size_t o_row = all->o_row, width = all->width;
    size_t i, x, y;
    s.out = tile;
    s.o_row = w;
    for (i = 0; i < all->m; i += s.m) {
        cn_real *out = all->out + i * o_row;
        s.m = cn__tile_rows(all->m - i, s.tall, s.low);
        s.a = all->a + i * (s.packed ? s.k : s.a_row);
        if (s.beta != 0)
            for (x = 0; x < s.m; x++)
                for (y = 0; y < w; y++) tile[x * w + y] = y < width ? out[x * o_row + y * o_col] : 0;
        strip(&s);
        if (o_row == 1)
            for (x = 0; x < s.m; x++) {
                const cn_real *t = tile + x * w;
                cn_real *o = out + x;
                for (y = 0; y + 4 <= width; y += 4, t += 4, o += 4 * o_col)
                    o[0] = t[0], o[o_col] = t[1], o[2 * o_col] = t[2], o[3 * o_col] = t[3];
                for (; y < width; y++, t++, o += o_col) *o = *t;
            }
        else
            for (x = 0; x < s.m; x++)
                for (y = 0; y < width; y++) out[x * o_row + y * o_col] = tile[x * w + y];
    }
}

/* Reals of workspace that cn__gemm may use: nondecreasing in each argument and bounded (about 4 MB). */
static size_t cn__gemm_pack(size_t m, size_t n, size_t k) {
    const size_t depth = CN__MIN(k, (size_t)CN__KC), ab = CN__MIN(m, (size_t)CN__MC) + CN__MIN(n, (size_t)CN__NC);
    const size_t ba = CN__MIN(n, (size_t)CN__MC) + CN__MIN(m, (size_t)CN__NC);
    return m && n ? depth * ((ab > ba ? ab : ba) + 64) : 0;
}

/* How many of the vectors that are left to take next: not a 1 at the end, which loads more than it multiplies and can
   share no columns. */
static size_t cn__beside(const cn__kernels *f, size_t left, size_t most) {
    size_t v = left > most && left % most == 1 ? most - 1 : CN__MIN(left, most);
    while (!f->tile[v - 1].strip) v--;
    return v;
}

typedef struct cn__matmul {
    size_t m, n, k;
    const cn_real *a;
    size_t a_row, a_col;
    const cn_real *b;
    size_t b_row, b_col;
    cn_real *out;
    size_t o_row, o_col;
    cn_real alpha, beta;
} cn__matmul;

/* The same product, rows for columns. */
static cn__matmul cn__turned(const cn__matmul *p) {
    cn__matmul t = *p;
    t.m = p->n, t.n = p->m;
    t.a = p->b, t.a_row = p->b_col, t.a_col = p->b_row;
    t.b = p->a, t.b_row = p->a_col, t.b_col = p->a_row;
    t.o_row = p->o_col, t.o_col = p->o_row;
    return t;
}

/* The product with the columns of out along the vectors. */
static void cn__gemm_blocks(const cn__kernels *f, const cn__matmul *p, cn_real *pack) {
    const size_t m = p->m, n = p->n, k = p->k, lanes = f->lanes(), bytes = lanes * sizeof(cn_real);
    const size_t kblocks = (k + CN__KC - 1) / CN__KC, kc = kblocks == 1 ? k : (k + kblocks - 1) / kblocks;
    const int pack_a = n > 16 * lanes && n > 64;
    /* packed: transposed columns; rows that straddle the vectors' boundaries and are read often; blocks beyond the
       first caches */
    const int apart = (((size_t)(uintptr_t)p->b | p->b_row * sizeof(cn_real)) & (bytes - 1)) != 0;
    const int pack_b = p->b_col != 1 || (f->vectors > 2 && !pack_a && apart && m > 100) ||
                       (m > 128 && n > 4 * lanes && n > 65536 / sizeof(cn_real) / k);
    /* high tiles where A is packed or far */
    const int high = pack_a || (p->a_col != 1 && m * k > CN__L2 / sizeof(cn_real));
    const size_t most = high ? f->packed : f->vectors;
    cn__strip s;
    size_t jc, pc, ic, i, j, rows;
    s.alpha = p->alpha;
    s.o_row = p->o_row;
    s.a_row = p->a_row;
    s.a_col = p->a_col;
    s.packed = pack_a;
    for (jc = 0; jc < n; jc += CN__NC) {
        const size_t nc = CN__MIN(n - jc, (size_t)CN__NC);
        for (pc = 0; pc < k; pc += kc) {
            cn_real *pa = pack;
            s.k = CN__MIN(k - pc, kc);
            s.beta = pc ? 1 : p->beta;
            if (pack_a) pa += s.k * ((nc + lanes - 1) / lanes * lanes);
            for (ic = 0; ic < m; ic += CN__MC) {
                s.m = CN__MIN(m - ic, (size_t)CN__MC);
                s.tall = f->tile[most - 1].tall;
                s.low = f->tile[most - 1].low;
                s.a = p->a + ic * p->a_row + pc * p->a_col;
                for (i = 0; pack_a && i < s.m; i += rows) {
                    rows = cn__tile_rows(s.m - i, s.tall, s.low);
                    f->pack(s.k, rows, s.a + i * p->a_row, p->a_col, p->a_row, rows, pa + i * s.k);
                }
                if (pack_a) s.a = pa;
                for (j = 0; j < nc; j += s.width) {
                    const size_t v = cn__beside(f, (nc - j + lanes - 1) / lanes, most), w = v * lanes;
                    /* a part of a vector alone */
                    const int part = nc < lanes && !f->masks;
                    s.b = p->b + pc * p->b_row + (jc + j) * p->b_col;
                    s.b_row = p->b_row;
                    s.out = p->out + ic * p->o_row + (jc + j) * p->o_col;
                    s.width = CN__MIN(nc - j, w);
                    if (pack_b || part) {
                        if (!ic) f->pack(s.k, s.width, s.b, p->b_row, p->b_col, w, pack + j * s.k);
                        s.b = pack + j * s.k;
                        s.b_row = w;
                    }
                    if (!pack_a) {
                        s.tall = f->tile[v - 1].tall;
                        s.low = f->tile[v - 1].low;
                    }
                    if (p->o_col == 1 && !part)
                        f->tile[v - 1].strip(&s);
                    else
                        cn__strip_edge(f->tile[v - 1].strip, &s, p->o_col, w);
                }
            }
        }
    }
}

/* About how many cycles per step of k the product takes with columns along the vectors: products, packing of B,
   and the scattering of out. */
static double cn__gemm_cost(size_t lanes, const cn__matmul *p) {
    const double m = (double)p->m, n = (double)p->n, vectors = (double)((p->n - 1) / lanes) + 1;
    return 0.5 * m * vectors + (p->b_col == 1 ? 0 : 0.4 * n) + (p->o_col == 1 ? 0 : 1.5 * m * n / (double)p->k);
}

#ifdef CURVNOISE_USE_CBLAS
/* Hands a product to a BLAS where its strides allow and it is worth the call; 0: not handed. The bits are then the
   BLAS's. */
static int cn__blas_gemm(const cn__matmul *p) {
    const size_t m = p->m, n = p->n, k = p->k, most = 0x7FFFFFFF;
    const int a_plain = p->a_col == 1 && p->a_row >= k, b_plain = p->b_col == 1 && p->b_row >= n;
    if ((double)m * (double)n * (double)k < 4096 || p->o_col != 1 || p->o_row < n ||
        !(a_plain || (p->a_row == 1 && p->a_col >= m)) || !(b_plain || (p->b_row == 1 && p->b_col >= k)) || m > most ||
        n > most || k > most || p->a_row > most || p->a_col > most || p->b_row > most || p->b_col > most ||
        p->o_row > most)
        return 0;
#if CN__DOUBLE
    cblas_dgemm
#else
    cblas_sgemm
#endif
        (CblasRowMajor, a_plain ? CblasNoTrans : CblasTrans, b_plain ? CblasNoTrans : CblasTrans, (int)m, (int)n,
         (int)k, p->alpha, p->a, (int)(a_plain ? p->a_row : p->a_col), p->b, (int)(b_plain ? p->b_row : p->b_col),
         p->beta, p->out, (int)p->o_row);
    return 1;
}
#endif

/* The product p, which is used up. pack: 64-byte aligned, cn__gemm_pack(m, n, k) reals. */
static void cn__multiply(int isa, cn__matmul *p, cn_real *pack) {
    const cn__kernels *f = cn__kernels_of(isa);
    const size_t n = p->n, lanes = f->lanes(), rest = n % lanes;
    cn__matmul t;
    double cost;
    size_t i, j;
    CN_COUNT(p->m * n * p->k)
    if (!p->m || !n) return;
#ifdef CURVNOISE_USE_CBLAS
    if (cn__blas_gemm(p)) return;
#endif
    if (!p->k) {
        for (i = 0; i < p->m; i++)
            for (j = 0; j < n; j++)
                p->out[i * p->o_row + j * p->o_col] = p->beta == 0 ? 0 : p->beta * p->out[i * p->o_row + j * p->o_col];
        return;
    }
    if (p->m == 1) p->a_row = p->o_row = 1;
    if (n == 1) p->b_col = p->o_col = 1;
    if (rest || p->b_col != 1 || p->o_col != 1) {
        t = cn__turned(p);
        cost = cn__gemm_cost(lanes, p);
        if (cn__gemm_cost(lanes, &t) < cost) {
            *p = t;
        } else if (p->b_col == 1 && p->o_col == 1 && n > rest && p->m * p->k <= CN__L2 / sizeof(cn_real)) {
            t = *p; /* columns that fill a small part of a vector: the other way */
            t.n = rest, t.b += n - rest, t.out += n - rest;
            t = cn__turned(&t);
            p->n = n - rest;
            if (cn__gemm_cost(lanes, p) + cn__gemm_cost(lanes, &t) < 0.95 * cost)
                cn__gemm_blocks(f, &t, pack);
            else
                p->n = n;
        }
    }
    cn__gemm_blocks(f, p, pack);
}

/* out (m x n) = alpha A B + beta out, A m x k, B k x n, each with a row and a column stride in elements (a transpose is
   a swap of strides; a stride of 0 in A or B repeats a row or column). pack as above. */
static void cn__gemm(int isa, size_t m, size_t n, size_t k, cn_real alpha, const cn_real *a, size_t a_row, size_t a_col,
                     const cn_real *b, size_t b_row, size_t b_col, cn_real beta, cn_real *out, size_t o_row,
                     size_t o_col, cn_real *pack) {
    cn__matmul p;
    p.m = m, p.n = n, p.k = k, p.alpha = alpha, p.beta = beta;
    p.a = a, p.a_row = a_row, p.a_col = a_col;
    p.b = b, p.b_row = b_row, p.b_col = b_col;
    p.out = out, p.o_row = o_row, p.o_col = o_col;
    cn__multiply(isa, &p, pack);
}

/* Rows row0 .. row1-1 of a product, with the workspace of the whole. Same bits as the whole, as any other split. */
static void cn__gemm_part(int isa, const cn__matmul *whole, cn_real *pack, size_t row0, size_t row1) {
    cn__matmul p = *whole;
    if (row0 >= row1) return;
    p.m = row1 - row0;
    p.a += row0 * p.a_row;
    p.out += row0 * p.o_row;
    cn__multiply(isa, &p, pack);
}

/* ---- the kernels by the instruction set's number */

static double cn__dot(int isa, size_t n, const cn_real *x, const cn_real *y) {
    CN_COUNT(n)
    return cn__kernels_of(isa)->dot(n, x, y);
}

static void cn__axpby(int isa, size_t n, double alpha, const cn_real *x, double beta, cn_real *y) {
    cn__kernels_of(isa)->axpby(n, alpha, x, beta, y);
}

static void cn__axpy(int isa, size_t n, double alpha, const cn_real *x, cn_real *y) {
    cn__axpby(isa, n, alpha, x, 1, y);
}

static void cn__jacobi(int isa, size_t k, double *a, double *v) { cn__kernels_of(isa)->jacobi(k, a, v); }

static double cn__off(int isa, size_t k, const double *a) { return cn__kernels_of(isa)->off(k, a); }

static void cn__accumulate(int isa, size_t n, const cn_real *x, double *sum) {
    cn__kernels_of(isa)->accumulate(n, x, sum);
}

static void cn__bias(int isa, size_t rows, size_t cols, const cn_real *bias, cn_real *out) {
    cn__kernels_of(isa)->bias(rows, cols, bias, out, 0);
}

static void cn__bias_relu(int isa, size_t rows, size_t cols, const cn_real *bias, cn_real *out) {
    cn__kernels_of(isa)->bias(rows, cols, bias, out, 1);
}

static void cn__relu(int isa, size_t n, cn_real *x) { cn__kernels_of(isa)->relu(n, x); }

static void cn__relu_back(int isa, size_t n, const cn_real *y, cn_real *g) { cn__kernels_of(isa)->relu_back(n, y, g); }
#endif /* FLOOR 4 */

/* ==== FLOOR 5: linalg: eigen, Cholesky, SVD, orthonormal rows, Kronecker products ================================= */
#if CN_FLOOR_MAX >= 5

/* Dense linear algebra on row-major matrices. All products are the kernels floor's; nothing here is processor-specific.

   Large symmetric eigenproblems go  full -> band -> tridiagonal -> eigenpairs -> back -> back:
     1. cn__to_band         blocks of Householder reflections, nearly all of it GEMM      (Bischof, Lang, Sun 2000)
     2. cn__to_tridiagonal  bulges chased down the band                                   (Lang 1993)
     3. cn__divide          divide and conquer with deflation   (Cuppen 1981; Gu, Eisenstat 1995; Li 1993)
     4. cn__back_bulges, cn__back_band   reflections gathered into compact WY blocks       (Schreiber, Van Loan 1989)
   One-stage reduction spends half its work in a matrix-vector product that waits for memory; two stages read the matrix
   n / band times instead of n. Small matrices take band = n - 1: step 1 vanishes, step 2 is the textbook reduction.

   Eigenvectors are ROWS everywhere, so that rotations, reflections and GEMM run along contiguous memory. Matrices are
   first scaled by a power of two to max |a| = 1: squares then neither overflow nor matter when they underflow. */

#if CN__DOUBLE
#define CN__EPS 2.220446049250313e-16
#define CN__NEGLIGIBLE 1e-280 /* squared norms below this are taken as zero (the matrix is scaled to 1) */
#else
#define CN__EPS 1.1920928955078125e-7
#define CN__NEGLIGIBLE 1e-60
#endif
#define CN__EPS_DOUBLE 2.220446049250313e-16
/* LEAF: order solved by QL; ROWS: rows a block, whole tiles of the products; TINY: order solved by Jacobi, side by side
   */
enum { CN__LEAF = 32, CN__ROWS = 252, CN__TINY = 45 };

/* 2^-e with 2^(e-1) <= largest < 2^e as far as it and its inverse are doubles, and no denormal ones; 1 for zero */
static double cn__scale_of(double largest) {
    int e = 0;
    if (largest > 0) frexp(largest, &e);
    return ldexp(1.0, -CN__MAX(-1022, CN__MIN(e, 1022)));
}

/* Largest |a| of a[m][n], or of its lower triangle alone; -1 when something there is not finite */
static double cn__largest(size_t m, size_t n, int lower, const cn_real *a) {
    double largest = 0, x;
    size_t i, j;
    for (i = 0; i < m; i++)
        for (j = 0; j < (lower ? i + 1 : n); j++) {
            x = fabs((double)a[i * n + j]);
            if (!cn__finite(x)) return -1;
            largest = CN__MAX(largest, x);
        }
    return largest;
}

static void cn__identity(size_t n, double *z) {
    size_t i;
    memset(z, 0, n * n * sizeof *z);
    for (i = 0; i < n; i++) z[i * n + i] = 1;
}

/* Sorts slots by ascending d, by insertion: they are few, or come as two ascending runs, or with few out of order */
static void cn__sort_slots(size_t n, const double *d, size_t *slot) {
    size_t i, j, t;
    for (i = 1; i < n; i++) {
        t = slot[i];
        for (j = i; j > 0 && d[slot[j - 1]] > d[t]; j--) slot[j] = slot[j - 1];
        slot[j] = t;
    }
}

/* ---- tridiagonal QL: implicit shifts (Bowdler, Martin, Reinsch, Wilkinson 1968) */

static void cn__exchange(size_t bytes, void *x, void *y) {
    unsigned char *a = (unsigned char *)x, *b = (unsigned char *)y, t[64];
    size_t some;
    for (; bytes; bytes -= some, a += some, b += some) {
        some = CN__MIN(bytes, sizeof t);
        memcpy(t, a, some);
        memcpy(a, b, some);
        memcpy(b, t, some);
    }
}

/* Rows x, y <- c x - s y, s x + c y; four at a time, read before they are written, so that a compiler may pair them */
static void cn__turn(size_t n, double *x, double *y, double c, double s) {
    double u[4], v[4];
    size_t l;
    for (; n >= 4; n -= 4, x += 4, y += 4) {
        for (l = 0; l < 4; l++) {
            u[l] = c * x[l] - s * y[l];
            v[l] = s * x[l] + c * y[l];
        }
        for (l = 0; l < 4; l++) {
            x[l] = u[l];
            y[l] = v[l];
        }
    }
    for (; n; n--, x++, y++) {
        u[0] = *x;
        *x = c * u[0] - s * *y;
        *y = s * u[0] + c * *y;
    }
}

/* One sweep over rows l .. m of the unreduced block there */
static void cn__ql_sweep(size_t l, size_t m, double *d, double *e, size_t cols, double *z) {
    double t = (d[l + 1] - d[l]) / (2 * e[l]), r = sqrt(t * t + 1), g = d[m] - d[l] + e[l] / (t < 0 ? t - r : t + r);
    double s = 1, c = 1, p = 0, f, b, h;
    size_t i;
    for (i = m; i-- > l;) {
        f = s * e[i];
        b = c * e[i];
        h = f * f + g * g;
        r = h > 1e-290 ? sqrt(h) : 0; /* denormals have no precision, and some users flush them to 0 */
        if (i + 1 < m) e[i + 1] = r;
        if (r <= 0) { /* that split the matrix: what is done is done */
            d[i + 1] -= p;
            return;
        }
        t = r * (1 / h); /* 1 / r, but the division does not wait for the root */
        s = f * t;
        c = g * t;
        t = d[i + 1] - p;
        r = (d[i] - t) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = t + p;
        g = c * r - b;
        if (cols) cn__turn(cols, z + i * cols, z + (i + 1) * cols, c, s);
    }
    d[l] -= p;
    e[l] = g;
}

/* All eigenvalues of the symmetric tridiagonal (d[n], e[n-1]), into d, descending; e is destroyed. z[n][cols] follows:
   the identity becomes the eigenvectors as rows, its first column alone (cols = 1) their first entries; cols = 0, z
   NULL: values only. Cost about 30 n^2 + 10 n^2 cols. CN_E_NUMERIC when not finite or, which nobody has seen, not
   convergent. */
static int cn__tridiagonal(size_t n, double *d, double *e, size_t cols, double *z) {
    double largest = 0, scale, next;
    size_t i, k, l, m, best, sweeps = 0;
    for (i = 0; i < n; i++) {
        next = i + 1 < n ? fabs(e[i]) : 0;
        if (!cn__finite(d[i]) || !cn__finite(next)) return CN_E_NUMERIC;
        largest = CN__MAX(largest, CN__MAX(fabs(d[i]), next));
    }
    scale = cn__scale_of(largest);
    for (i = 0; i < n; i++) {
        d[i] *= scale;
        if (i + 1 < n) e[i] *= scale;
    }
    for (l = 0; l < n; l = m == l ? l + 1 : l) {
        for (m = l; m + 1 < n && fabs(e[m]) > CN__EPS_DOUBLE * (fabs(d[m]) + fabs(d[m + 1])) + 1e-140; m++) {
        }
        if (m == l) continue;
        if (sweeps++ == 50 * n) /* 2 n is usual */
            return CN_E_NUMERIC;
        cn__ql_sweep(l, m, d, e, cols, z);
        if (m + 1 < n) e[m] = 0;
    }
    for (i = 0; i < n; i++) { /* sorted by selection, which moves the fewest rows */
        for (best = i, k = i + 1; k < n; k++) best = d[k] > d[best] ? k : best;
        if (best != i) {
            cn__exchange(sizeof *d, d + i, d + best);
            if (cols) cn__exchange(cols * sizeof *z, z + i * cols, z + best * cols);
        }
        d[i] /= scale;
    }
    return CN_OK;
}

/* ---- many small problems, in double whatever cn_real is */

/* Scales one problem, of which the lower triangle is read, to a largest entry near 1 */
static int cn__small_scale(size_t k, double *a, double *scale) {
    double largest = 0, x;
    size_t i, j;
    for (i = 0; i < k; i++)
        for (j = 0; j <= i; j++) {
            x = fabs(a[i * k + j]);
            if (!cn__finite(x)) return CN_E_NUMERIC;
            largest = CN__MAX(largest, x);
        }
    *scale = cn__scale_of(largest);
    for (i = 0; i < k; i++)
        for (j = 0; j <= i; j++) a[i * k + j] *= *scale;
    return CN_OK;
}

/* Up to CN__SIDE problems of k <= CN__TINY side by side by cyclic Jacobi rotations, in room for problems of order size
   >= k. m, v: CN__SIDE * size * size of workspace each */
static int cn__eigen_side(int isa, size_t count, size_t k, double *a, double *values, double *vectors, size_t size,
                          double *m, double *v) {
    enum { L = CN__SIDE };
    double scale[L], d[CN__TINY], least = 1e300, norm, x;
    size_t order[CN__TINY], h, i, j;
    int sweep;
    memset(m, 0, L * size * size * sizeof *m);
    memset(v, 0, L * size * size * sizeof *v);
    for (h = 0; h < count; h++, a += k * k) {
        if (cn__small_scale(k, a, scale + h) != CN_OK) return CN_E_NUMERIC;
        for (norm = 0, i = 0; i < k; i++)
            for (v[(i * size + i) * L + h] = 1, j = 0; j <= i; j++) {
                x = m[(j * size + i) * L + h] = a[i * k + j];
                norm += x * x;
            }
        least = norm > 0 ? CN__MIN(least, norm) : least;
    }
    for (sweep = 0; sweep < 40 && cn__off(isa, size, m) > 8e-31 * least; sweep++) /* (4 eps)^2 of the norm's square */
        cn__jacobi(isa, size, m, vectors ? v : NULL);
    if (sweep == 40) return CN_E_NUMERIC;
    for (h = 0; h < count; h++) {
        for (j = 0; j < k; j++) {
            d[j] = m[(j * size + j) * L + h] / scale[h];
            order[j] = j;
        }
        cn__sort_slots(k, d, order);
        for (j = k; j-- > 0; values++) {
            *values = d[order[j]];
            for (i = 0; i < k && vectors; i++) *vectors++ = v[(order[j] * size + i) * L + h];
        }
    }
    return CN_OK;
}

/* sum of x y, in four chains because one would wait for itself */
static double cn__small_dot(size_t n, const double *x, const double *y) {
    double s[4] = {0, 0, 0, 0};
    size_t l;
    for (; n >= 4; n -= 4, x += 4, y += 4)
        for (l = 0; l < 4; l++) s[l] += x[l] * y[l];
    for (; n; n--) s[0] += *x++ * *y++;
    return (s[0] + s[1]) + (s[2] + s[3]);
}

/* x += a u + b v; four at a time as in cn__turn */
static void cn__small_add(size_t n, double a, const double *u, double b, const double *v, double *x) {
    double t[4];
    size_t l;
    for (; n >= 4; n -= 4, x += 4, u += 4, v += 4) {
        for (l = 0; l < 4; l++) t[l] = x[l] + (a * u[l] + b * v[l]);
        for (l = 0; l < 4; l++) x[l] = t[l];
    }
    for (; n; n--) *x++ += a * *u++ + b * *v++;
}

/* a[k][k] (lower triangle) to tridiagonal (d, e) by Householder reflections, their product transposed into q[k][k]
   (NULL: not wanted); p: k values of workspace */
static void cn__small_reduce(size_t k, double *a, double *d, double *e, double *q, double *p) {
    size_t i, j, r;
    double *v, *x, ss, tau, t;
    for (i = k; i-- > 0;) {
        v = a + i * k;
        d[i] = v[i];
        v[i] = 0; /* tau, kept in the diagonal's place; 0: no reflection */
        if (i == 0) break;
        e[i - 1] = v[i - 1];
        ss = cn__small_dot(i - 1, v, v);
        if (ss <= 1e-280) continue;
        t = sqrt(v[i - 1] * v[i - 1] + ss);
        e[i - 1] = v[i - 1] > 0 ? -t : t;
        tau = v[i] = (e[i - 1] - v[i - 1]) / e[i - 1];
        t = 1 / (v[i - 1] - e[i - 1]);
        for (j = 0; j + 1 < i; j++) v[j] *= t;
        v[i - 1] = 1;
        for (j = 0; j < i; j++) p[j] = cn__small_dot(j + 1, a + j * k, v); /* p = A v from the lower triangle */
        for (j = i & 1; j < i; j += 2) {
            x = a + j * k;
            cn__small_add(j, v[j], x, v[j + 1], x + k, p);
            p[j] += v[j + 1] * x[k + j];
        }
        t = 0.5 * tau * cn__small_dot(i, p, v);
        for (j = 0; j < i; j++) p[j] = tau * (p[j] - t * v[j]);
        for (j = 0; j < i; j++) cn__small_add(j + 1, -v[j], p, -p[j], v, a + j * k);
    }
    if (!q) return;
    cn__identity(k, q);
    for (i = 1; i < k; i++) /* q = H1 H2 ..., which has only touched the leading i - 1 so far */
        for (j = 0, v = a + i * k; j < i && v[i] > 0; j++) {
            x = q + j * k;
            t = v[i] * cn__small_dot(i, x, v);
            for (r = 0; r < i; r++) x[r] -= t * v[r];
        }
}

/* count separate symmetric k x k problems, k up to some hundreds: a[count][k][k] (lower triangles are read; destroyed),
   values[count][k] descending, vectors[count][k][k] with ROW j the eigenvector of values[j], or NULL. Many of k <=
   CN__TINY, without vectors k < 32, side by side, others one by one. */
static int cn__eigen_small(cn__ws *w, int isa, size_t count, size_t k, double *a, double *values, double *vectors) {
    int many = k <= CN__TINY && count >= CN__SIDE / 2;
    /* the room does not heed vectors: NULL while measuring */
    size_t mark = w->at, side = many && (vectors || k < 32) ? CN__SIDE : 1, c, i;
    /* rows 4096 bytes apart would share a place in the cache */
    size_t size = k % 32 ? k : k + 1, room = many ? CN__SIDE * size * size : k;
    double *x = CN__TAKE(w, double, room), *y = CN__TAKE(w, double, room), scale, *z;
    w->at = mark;
    if (!w->base) return CN_OK;
    for (c = 0; c < count; c += side, a += side * k * k, values += side * k) {
        z = vectors ? vectors + c * k * k : NULL;
        if (side > 1) {
            if (cn__eigen_side(isa, CN__MIN(side, count - c), k, a, values, z, size, x, y) != CN_OK)
                return CN_E_NUMERIC;
            continue;
        }
        if (cn__small_scale(k, a, &scale) != CN_OK) return CN_E_NUMERIC;
        cn__small_reduce(k, a, values, x, z, y);
        if (cn__tridiagonal(k, values, x, z ? k : 0, z) != CN_OK) return CN_E_NUMERIC;
        for (i = 0; i < k; i++) values[i] /= scale;
    }
    return CN_OK;
}

/* Rows x, y <- c x - s y, s x + c y for c >= 0, as a small change of each: rounding then hurts in proportion to the
   angle (Rutishauser 1966) */
static void cn__rotate(size_t n, cn_real *x, cn_real *y, double c, double s) {
    size_t i;
    cn_real h = (cn_real)(s / (1 + c)), f = (cn_real)s;
    for (i = 0; i < n; i++) {
        cn_real u = x[i], v = y[i];
        x[i] = u - f * (v + h * u);
        y[i] = v + f * (u - h * v);
    }
}

/* ---- Householder reflections H = I - tau v v' */

/* Makes the reflection that maps (x, pivot) to (0, beta): x becomes v, *pivot the 1 of v. Returns tau (0: H = I). */
static double cn__reflector(int isa, size_t n, cn_real *x, cn_real *pivot, double *beta) {
    double ss = cn__dot(isa, n, x, x), alpha = (double)*pivot, t;
    size_t i;
    *pivot = 1;
    *beta = alpha;
    if (ss <= CN__NEGLIGIBLE) {
        memset(x, 0, n * sizeof *x);
        return 0;
    }
    t = sqrt(alpha * alpha + ss);
    *beta = alpha > 0 ? -t : t;
    t = 1 / (alpha - *beta);
    for (i = 0; i < n; i++) x[i] = (cn_real)((double)x[i] * t);
    return (*beta - alpha) / *beta;
}

/* k reflections of length m together in the compact WY form H0 H1 ... = I - V'TV: their vectors are the rows of
   v[k][m], T is upper triangular; u = T V, or T' V where the product is applied inverted. c, pack: workspace of
   products with CN__ROWS rows */
typedef struct cn__wy {
    size_t k, m;
    cn_real *v, *u, *t, *c, *pack;
    double *tau;
} cn__wy;

static cn__wy cn__wy_room(cn__ws *w, size_t k, size_t m, size_t copies_of_v) {
    cn__wy b;
    b.k = b.m = 0;
    b.v = CN__TAKE(w, cn_real, copies_of_v * k * m);
    b.u = CN__TAKE(w, cn_real, k * m);
    b.t = CN__TAKE(w, cn_real, k * k);
    b.c = CN__TAKE(w, cn_real, CN__ROWS * k);
    b.pack = CN__TAKE(w, cn_real, cn__gemm_pack(CN__MAX((size_t)CN__ROWS, k), m, CN__MAX(m, 2 * k)));
    b.tau = CN__TAKE(w, double, k);
    return b;
}

/* One more: v[length] behind `from` zeros */
static void cn__wy_add(cn__wy *b, size_t from, size_t length, const cn_real *v, double tau) {
    cn_real *row = b->v + b->k * b->m;
    memset(row, 0, b->m * sizeof *row);
    if (tau != 0) memcpy(row + from, v, length * sizeof *row);
    b->tau[b->k++] = tau;
}

/* t and u from v and tau */
static void cn__wy_make(int isa, const cn__wy *b, int inverted) {
    size_t k = b->k, m = b->m, i, j, l;
    cn_real *t = b->t;
    double sum;
    cn__gemm(isa, k, k, m, 1, b->v, m, 1, b->v, 1, m, 0, t, k, 1, b->pack);
    for (j = 0; j < k; j++) { /* row j of VV' becomes column j of T */
        for (i = 0; i < j; i++) {
            for (sum = 0, l = i; l < j; l++) sum += (double)t[i * k + l] * (double)t[j * k + l];
            t[i * k + j] = (cn_real)(-b->tau[j] * sum);
        }
        memset(t + j * k, 0, j * sizeof *t);
        t[j * k + j] = (cn_real)b->tau[j];
    }
    cn__gemm(isa, k, m, k, 1, t, inverted ? 1 : k, inverted ? k : 1, b->v, m, 1, 0, b->u, m, 1, b->pack);
}

/* z <- z - (zV') U for z[rows][m], ld apart, so many rows at a time that they stay in the cache between the products */
static void cn__wy_apply(int isa, const cn__wy *b, size_t rows, cn_real *z, size_t ld) {
    size_t some;
    for (; rows; rows -= some, z += some * ld) {
        some = CN__MIN((size_t)CN__ROWS, rows);
        cn__gemm(isa, some, b->k, b->m, 1, z, ld, 1, b->v, 1, b->m, 0, b->c, b->k, 1, b->pack);
        cn__gemm(isa, some, b->m, b->k, -1, b->c, b->k, 1, b->u, b->m, 1, 1, z, ld, 1, b->pack);
    }
}

/* ---- full to band */

typedef struct cn__reduction { /* how a[n][n] became tridiagonal */
    int isa;
    size_t n, band, steps; /* steps: most reflections of one sweep down the band */
    /* below the band: row i holds the reflection that cleared it; above the diagonal: row k holds those of sweep k one
       after another */
    cn_real *a;
    double *tau1, *tau2; /* [n], [n][steps] */
} cn__reduction;

/* The block of the panel of rows m .. m+band-1, last row first */
static void cn__panel(const cn__reduction *r, size_t m, cn__wy *b) {
    size_t i;
    for (b->k = 0, b->m = m, i = m + r->band; i-- > CN__MAX(m, r->band + 1);)
        cn__wy_add(b, 0, i - r->band + 1, r->a + i * r->n, r->tau1[i]);
    cn__wy_make(r->isa, b, 1);
}

/* Clears all that is more than band below the diagonal, from the last rows up: A <- Q' A Q panel by panel with Q = I -
   V'TV: A - V'W - W'V where U = T'V, Y = UA, M = YU', W = Y - 1/2 MV. beta[i] is left at (i, i - band). Of A the lower
   triangle is kept, and the blocks of CN__ROWS on its diagonal in full. */
static void cn__to_band(cn__ws *w, cn__reduction *r, double *beta) {
    size_t n = r->n, band = r->band, mark = w->at, length, m, i, j, k, r0, r1;
    cn__wy b = cn__wy_room(w, band, n, 3);
    cn_real *v = b.v, *pack = b.pack, *y, *rows;
    int isa = r->isa;
    w->at = mark;
    if (!w->base) return;
    for (m = n > band ? n - band : 0; m > 1; m = m > band ? m - band : 0) {
        for (i = m + band; i-- > m;) {
            rows = r->a + i * n;
            /* row by row, so that both operands stay in the first cache */
            for (j = m + band; j-- > CN__MAX(i, band) + 1;)
                cn__axpy(isa, j - band + 1, -r->tau1[j] * cn__dot(isa, j - band + 1, rows, r->a + j * n), r->a + j * n,
                         rows);
            length = i - band;
            if (i > band) r->tau1[i] = cn__reflector(isa, length, rows, rows + length, beta + i);
        }
        cn__panel(r, m, &b);
        k = b.k;
        y = v + k * m;
        for (r0 = 0; r0 < m; r0 = r1) { /* Y = U A */
            r1 = CN__MIN(m, r0 + CN__ROWS);
            rows = r->a + r0 * n;
            cn__gemm(isa, k, r0, r1 - r0, 1, b.u + r0, m, 1, rows, n, 1, 1, y, m, 1, pack);
            cn__gemm(isa, k, r1 - r0, r1, 1, b.u, m, 1, rows, 1, n, 0, y + r0, m, 1, pack);
        }
        cn__gemm(isa, k, k, m, 1, y, m, 1, b.u, 1, m, 0, b.t, k, 1, pack);           /* M = Y U' */
        cn__gemm(isa, k, m, k, (cn_real)-0.5, b.t, k, 1, v, m, 1, 1, y, m, 1, pack); /* W = Y - 1/2 M V */
        memcpy(v + 2 * k * m, v, k * m * sizeof *v);                                 /* [V W]' [W V] is one product */
        for (r0 = 0; r0 < m; r0 = r1) {
            r1 = CN__MIN(m, r0 + CN__ROWS);
            cn__gemm(isa, r1 - r0, r1, 2 * k, -1, v + r0, 1, m, y, m, 1, 1, r->a + r0 * n, n, 1, pack);
        }
    }
}

/* z[rows][n]: each row y' becomes y' Q', the eigenvector of the full matrix from that of the band */
static void cn__back_band(cn__ws *w, const cn__reduction *r, size_t rows, cn_real *z) {
    size_t n = r->n, band = r->band, mark = w->at, m;
    cn__wy b = cn__wy_room(w, band, n, 1);
    w->at = mark;
    if (!w->base || n < band + 2) return;
    for (m = (n - 2) % band + 2; m <= n - band; m += band) { /* the panels of cn__to_band, last one first */
        cn__panel(r, m, &b);
        cn__wy_apply(r->isa, &b, rows, z, n);
    }
}

/* ---- band to tridiagonal */

/* Step s of sweep k on the working band, whose element (i, j) is at[i * ld + j]. v, of rows k+1 + s band ..., was made
   by the step before; it is applied to both sides of the block D on the diagonal, of which both triangles are kept, and
   to the right of the block E below; the fill this makes in E's first column is cleared by the next reflection g. p: 4
   band values of workspace. */
static void cn__chase_step(const cn__reduction *r, size_t k, size_t s, cn_real *at, size_t ld, double *d, double *e,
                           cn_real *p, cn_real *pack) {
    size_t n = r->n, band = r->band, pos = k + 1 + s * band, m = CN__MIN(band, n - pos), next = pos + m,
           below = CN__MIN(band, n - next), i;
    cn_real *v = r->a + k * n + pos, *g = v + m, *block = at + pos * ld + pos, *x = p, *y = p + band,
            *yg = p + 3 * band;
    double *tau = r->tau2 + k * r->steps + s, beta;
    int isa = r->isa;
    if (s == 0) {
        d[k] = (double)at[k * ld + k];
        for (i = 0; i < m; i++) v[i] = at[(pos + i) * ld + k];
        *tau = cn__reflector(isa, m - 1, v + 1, v, e + k);
    }
    memcpy(p + 2 * band, v, m * sizeof *p);
    for (i = 0; i + 1 < m; i++) /* the row below came in with the last step */
        block[i * ld + m - 1] = block[(m - 1) * ld + i];
    if (*tau != 0) { /* D - v y' - y v', y = tau (D v - 1/2 tau v (v'D v)) */
        memcpy(x, v, m * sizeof *x);
        cn__gemm(isa, 1, m, m, (cn_real)*tau, v, m, 1, block, ld, 1, 0, y, m, 1, pack);
        cn__axpy(isa, m, -0.5 * *tau * cn__dot(isa, m, y, v), v, y);
        cn__gemm(isa, m, m, 2, -1, p, 1, band, y, band, 1, 1, block, ld, 1, pack);
    }
    if (!below) return;
    block += m * ld; /* E - x v' - tau g (g'E - g'x v')', x = tau E v */
    for (i = 0; i < below; i++) {
        x[i] = (cn_real)(*tau * cn__dot(isa, m, block + i * ld, v));
        g[i] = block[i * ld] - x[i];
    }
    tau[1] = cn__reflector(isa, below - 1, g + 1, g, &beta);
    cn__gemm(isa, 1, m, below, 1, g, below, 1, block, ld, 1, 0, yg, m, 1, pack);
    cn__axpy(isa, m, -cn__dot(isa, below, g, x), v, yg);
    for (i = 0; i < below; i++) y[i] = (cn_real)(tau[1] * (double)g[i]);
    cn__gemm(isa, below, m, 2, -1, p, 1, band, p + 2 * band, band, 1, 1, block, ld, 1, pack);
    for (i = 0; i < below; i++) block[i * ld] = i ? 0 : (cn_real)beta;
}

/* Chases the band down to (d, e). Row i of the working band holds columns i-2 band+1 .. i+band-1. Sweeps follow each
   other two steps apart, some at a time, so that they find the rows in the cache. */
static void cn__to_tridiagonal(cn__ws *w, cn__reduction *r, const double *beta, double *d, double *e) {
    const size_t sweeps = 4;
    size_t n = r->n, band = r->band, left = CN__MIN(2 * band, n) - 1, ld = left + band - 1, mark = w->at, i, j, k, s, t;
    cn_real *base = CN__TAKE(w, cn_real, n * (ld + 1)), *p = CN__TAKE(w, cn_real, 4 * band), *at;
    cn_real *pack = CN__TAKE(w, cn_real, cn__gemm_pack(band, band, band));
    w->at = mark;
    if (!w->base) return;
    memset(base, 0, n * (ld + 1) * sizeof *base);
    at = base + left;
    for (i = 0; i < n; i++) {
        for (j = i > band ? i - band + 1 : 0; j <= i; j++) at[i * ld + j] = at[j * ld + i] = r->a[i * n + j];
        if (i > band) at[i * ld + i - band] = (cn_real)beta[i];
    }
    for (k = 0; k + 1 < n; k += sweeps)
        for (t = 0; t < r->steps + 2 * sweeps; t++)
            for (i = 0; i < sweeps && 2 * i <= t; i++) {
                s = t - 2 * i;
                if (k + i + 1 + s * band < n) cn__chase_step(r, k + i, s, at, ld, d, e, p, pack);
            }
    d[n - 1] = (double)at[(n - 1) * ld + n - 1];
}

/* z[rows][n]: each row y' becomes y' H_last ... H_first, the eigenvector of the band matrix from that of the
   tridiagonal. Reflections of neighbouring sweeps at the same step overlap all but one entry: many make one block, last
   sweep first. A block at step s must follow steps s and s - 1 of the sweeps after it, and meets nothing else of
   them. */
static void cn__back_bulges(cn__ws *w, const cn__reduction *r, size_t rows, cn_real *z) {
    size_t n = r->n, band = r->band, many = CN__MIN(32, band), mark = w->at, low, end, at, from, k, s;
    cn__wy b = cn__wy_room(w, many, CN__MIN(band + many, n), 1);
    w->at = mark;
    if (!w->base) return;
    for (end = n > 2 ? n - 2 : 0; end > 0; end = low) {
        low = (end - 1) / many * many;
        for (s = 0, at = low + 1; at < n; s++, at += band) {
            b.m = CN__MIN(n - at, end - low - 1 + band);
            for (b.k = 0, k = end; k-- > low;) {
                from = at + k - low;
                cn__wy_add(&b, k - low, from < n ? CN__MIN(band, n - from) : 0, r->a + k * n + from,
                           from < n ? r->tau2[k * r->steps + s] : 0);
            }
            cn__wy_make(r->isa, &b, 0);
            cn__wy_apply(r->isa, &b, rows, z + at, n);
        }
    }
}

/* ---- divide and conquer for the tridiagonal */

typedef struct cn__split { /* state of one run; arrays of n unless it says otherwise */
    int isa;
    size_t n, top; /* order of the whole; how many eigenvectors are wanted, 0 for all */
    double cut;
    double *d, *e; /* slot i of a solved block: its eigenvalue d[i], its eigenvector row i of q */
    cn_real *q;    /* [n][n] */
    size_t *order; /* of a solved block: slots (from its start) by ascending eigenvalue */
    double *z, *pole, *weight, *hat, *tau, *delta, *leaf; /* leaf [CN__LEAF][CN__LEAF] */
    size_t *slot, *dead, *column, *origin;
    unsigned char *kind;          /* of an eigenvector: 1 lives in the first block, 3 in the second, 2 in both */
    cn_real *copy, *panel, *pack; /* [n][n], [CN__ROWS][n] */
} cn__split;

/* How many of the values at order[n-1], order[n-2] ... are wanted */
static size_t cn__wanted(const cn__split *s, size_t n, const double *d, const size_t *order) {
    size_t most = s->top ? CN__MIN(s->top, n) : n, k;
    for (k = 0; k < most && !(s->cut > 0 && !(d[order[n - 1 - k]] > s->cut * d[order[n - 1]])); k++) {
    }
    return k;
}

/* Sum of w / (delta - tau) and of its derivative by tau over [from, to). Four chains, because one would wait for
   itself. */
static void cn__secular_sum(const double *delta, const double *w, size_t from, size_t to, double tau, double *value,
                            double *slope) {
    double s[4] = {0, 0, 0, 0}, g[4] = {0, 0, 0, 0}, t[4], u[4];
    size_t i, l;
    for (i = from; i + 4 <= to; i += 4)
        for (l = 0; l < 4; l++) {
            t[l] = 1 / (delta[i + l] - tau);
            u[l] = w[i + l] * t[l];
            s[l] += u[l];
            g[l] += u[l] * t[l];
        }
    for (; i < to; i++) {
        t[0] = 1 / (delta[i] - tau);
        u[0] = w[i] * t[0];
        s[0] += u[0];
        g[0] += u[0] * t[0];
    }
    *value = (s[0] + s[1]) + (s[2] + s[3]);
    *slope = (g[0] + g[1]) + (g[2] + g[3]);
}

/* Step from the current point to the zero of c + a1/(x1 - t) + a2/(x2 - t), the function that has the same value f and,
   to each side of the root, the same slope (p below, q above): "the middle way" (Li 1993). x1 < 0 < x2 relative to the
   point. */
static double cn__secular_step(double x1, double x2, double f, double p, double q) {
    double c = f - x1 * p - x2 * q, b = (x1 + x2) * f - x1 * x2 * (p + q), a = x1 * x2 * f, root = b * b - 4 * a * c;
    root = sqrt(root > 0 ? root : 0);
    if (b > 0) return 2 * a / (b + root);
    return c != 0 ? (b - root) / (2 * c) : a / b;
}

/* Root j of 1 + sum w / (pole - x): the origin (nearest pole) and the distance from it, to nearly full relative
   accuracy */
static double cn__secular_root(size_t k, size_t j, const double *pole, const double *w, double *delta, size_t *origin) {
    double low = 0, high = 0, tau, f, p, q, dp, dq, step, previous = 0;
    size_t i, last = j + 1 == k;
    int tries;
    *origin = j;
    if (last) {
        for (i = 0; i < k; i++) high += w[i];
        high *= 1 + 4 * CN__EPS_DOUBLE;
        tau = 0.5 * high;
    } else { /* the sign in the middle tells the half; guess: the other poles fixed */
        double half = 0.5 * (pole[j + 1] - pole[j]);
        for (i = 0; i < k; i++) delta[i] = pole[i] - pole[j];
        cn__secular_sum(delta, w, 0, j + 1, half, &p, &dp);
        cn__secular_sum(delta, w, j + 1, k, half, &q, &dq);
        f = 1 + p + q;
        *origin += f <= 0;
        low = f > 0 ? 0 : -half;
        high = f > 0 ? half : 0;
        tau = low + high + cn__secular_step(-half, half, f, w[j] / (half * half), w[j + 1] / (half * half));
    }
    for (i = 0; i < k; i++) delta[i] = pole[i] - pole[*origin];
    if (!(tau > low && tau < high)) tau = 0.5 * (low + high);
    for (tries = 0; tries < 120; tries++) {
        cn__secular_sum(delta, w, 0, j + 1, tau, &p, &dp);
        cn__secular_sum(delta, w, j + 1, k, tau, &q, &dq);
        f = 1 + p + q;
        if (fabs(f) <= CN__EPS_DOUBLE * (8 * (1 + fabs(p) + fabs(q)) + fabs(tau) * (dp + dq))) break;
        if (f < 0)
            low = tau;
        else
            high = tau;
        if (!last)
            step = cn__secular_step(delta[j] - tau, delta[j + 1] - tau, f, dp, dq);
        else /* one pole below, none above */
            step = f + tau * dp > 0 ? -tau + tau * tau * dp / (f + tau * dp) : 0;
        if (!(tau + step > low && tau + step < high) || (tries > 6 && fabs(f) > 0.5 * previous))
            step = 0.5 * (low + high) - tau;
        previous = fabs(f);
        if (fabs(step) <= CN__EPS_DOUBLE * fabs(tau)) break;
        tau += step;
    }
    return tau;
}

/* Takes out of the merge what is already an eigenpair: slots with no share in z, and one of each pair of nearly equal
   eigenvalues, after a rotation that takes its share away. idx: slots by ascending d. Live slots go to s->slot, others
   to s->dead; returns the number of live ones. */
static size_t cn__deflate(cn__split *s, size_t n, const size_t *idx, double *d, cn_real *q, double rho) {
    double biggest = 0, tol, h, co, si, gap;
    size_t t, i, k = 0, dead = 0, prev = n;
    for (t = 0; t < n; t++) biggest = CN__MAX(biggest, CN__MAX(fabs(d[t]), fabs(s->z[t])));
    tol = 8 * CN__EPS * biggest;
    for (t = 0; t < n; t++) {
        i = idx[t];
        if (rho * fabs(s->z[i]) <= tol) {
            s->dead[dead++] = i;
            continue;
        }
        if (prev < n) {
            h = sqrt(s->z[i] * s->z[i] + s->z[prev] * s->z[prev]);
            h = s->z[i] < 0 ? -h : h;
            co = s->z[i] / h;
            si = s->z[prev] / h;
            gap = d[i] - d[prev];
            if (fabs(gap * co * si) <= tol) {
                cn__rotate(n, q + prev * s->n, q + i * s->n, co, si);
                if (s->kind[i] != s->kind[prev]) s->kind[i] = s->kind[prev] = 2;
                s->z[i] = h;
                d[prev] += gap * si * si;
                d[i] -= gap * si * si;
                s->dead[dead++] = prev;
            } else {
                s->slot[k++] = prev;
            }
        }
        prev = i;
    }
    if (prev < n) s->slot[k++] = prev;
    return k;
}

/* pole - root j into s->delta. Through memory, in two steps: the differences of poles are exact to rounding, and a
   compiler told to reassociate must not make pole - (origin + tau) of it, which would lose the small ones. */
static void cn__gaps(cn__split *s, size_t k, size_t j) {
    double o = s->pole[s->origin[j]], tau = s->tau[j];
    size_t i;
    for (i = 0; i < k; i++) s->delta[i] = s->pole[i] - o;
    for (i = 0; i < k; i++) s->delta[i] -= tau;
}

/* Roots of the k live poles, and the z for which they are exact, from which orthogonal vectors follow (Gu, Eisenstat
   1995) */
static void cn__secular(cn__split *s, size_t k) {
    size_t i, j;
    double pole, h;
    for (j = 0; j < k; j++) s->tau[j] = cn__secular_root(k, j, s->pole, s->weight, s->delta, s->origin + j);
    for (i = 0; i < k; i++) s->hat[i] = -1;
    for (j = 0; j < k; j++) {
        pole = s->pole[j];
        cn__gaps(s, k, j);
        for (i = 0; i < j; i++) s->hat[i] *= s->delta[i] / (s->pole[i] - pole);
        s->hat[j] *= s->delta[j];
        for (i = j + 1; i < k; i++) s->hat[i] *= s->delta[i] / (s->pole[i] - pole);
    }
    for (i = 0; i < k; i++) {
        h = sqrt(fabs(s->hat[i]));
        s->hat[i] = s->z[s->slot[i]] < 0 ? -h : h;
    }
}

/* Eigenvectors of roots from .. k-1 into those rows of q, the vectors of both halves, and behind them the dead ones as
   they are. The live ones are copied by kind, because the products then skip what is zero: first-block halves
   [k12][n1], second-block halves [k - k1][n - n1], where k1 are of kind 1 and k12 of kind 1 or 2; dead ones whole. */
static void cn__combine(cn__split *s, size_t from, size_t k, size_t n1, size_t n, cn_real *q) {
    size_t n2 = n - n1, N = s->n, k1 = 0, k12 = 0, at = 0, i, j, j0, j1;
    cn_real *first = s->copy, *second, *whole, *x;
    unsigned kind;
    double ss;
    for (kind = 1; kind <= 3; kind++) {
        for (i = 0; i < k; i++)
            if (s->kind[s->slot[i]] == kind) s->column[i] = at++; /* the place of pole i among the live ones */
        k1 = kind == 1 ? at : k1;
        k12 = kind == 2 ? at : k12;
    }
    second = first + k12 * n1;
    whole = second + (k - k1) * n2;
    for (i = 0; i < k; i++) {
        x = q + s->slot[i] * N;
        if (s->column[i] < k12) memcpy(first + s->column[i] * n1, x, n1 * sizeof *x);
        if (s->column[i] >= k1) memcpy(second + (s->column[i] - k1) * n2, x + n1, n2 * sizeof *x);
    }
    for (i = k; i < n; i++) memcpy(whole + (i - k) * n, q + s->dead[i - k] * N, n * sizeof *q);
    for (i = k; i < n; i++) memcpy(q + i * N, whole + (i - k) * n, n * sizeof *q);
    for (j0 = from; j0 < k; j0 = j1) {
        j1 = CN__MIN(k, j0 + CN__ROWS);
        for (j = j0; j < j1; j++) {
            cn__gaps(s, k, j);
            for (ss = 0, i = 0; i < k; i++) {
                s->delta[i] = s->hat[i] / s->delta[i];
                ss += s->delta[i] * s->delta[i];
            }
            ss = 1 / sqrt(ss);
            for (x = s->panel + (j - j0) * k, i = 0; i < k; i++) x[s->column[i]] = (cn_real)(s->delta[i] * ss);
        }
        cn__gemm(s->isa, j1 - j0, n1, k12, 1, s->panel, k, 1, first, n1, 1, 0, q + j0 * N, N, 1, s->pack);
        cn__gemm(s->isa, j1 - j0, n2, k - k1, 1, s->panel + k1, k, 1, second, n2, 1, 0, q + j0 * N + n1, N, 1, s->pack);
    }
}

/* Solves the block of order n at lo from its two solved halves, the first of order n1; coupling: the off-diagonal entry
   between them */
static void cn__merge(cn__split *s, size_t lo, size_t n1, size_t n, double coupling) {
    double *d = s->d + lo, rho = 2 * fabs(coupling), sign = coupling < 0 ? -sqrt(0.5) : sqrt(0.5), z;
    cn_real *q = s->q + lo * s->n + lo;
    size_t *order = s->order + lo, k, i, from = 0;
    for (i = 0; i < n; i++) {
        s->kind[i] = i < n1 ? 1 : 3;
        s->z[i] = i < n1 ? sqrt(0.5) * (double)q[i * s->n + n1 - 1] : sign * (double)q[i * s->n + n1];
        order[i] += i < n1 ? 0 : n1;
    }
    cn__sort_slots(n, d, order);
    k = cn__deflate(s, n, order, d, q, rho);
    for (i = 0; i < k; i++) {
        z = s->z[s->slot[i]];
        s->pole[i] = d[s->slot[i]];
        s->weight[i] = rho * z * z;
    }
    cn__secular(s, k);
    for (i = k; i < n; i++) s->delta[i] = d[s->dead[i - k]];
    for (i = 0; i < n; i++) {
        d[i] = i < k ? s->pole[s->origin[i]] + s->tau[i] : s->delta[i];
        order[i] = i;
    }
    cn__sort_slots(n, d, order);
    if (n == s->n) /* the last merge: only wanted vectors */
        for (from = k, i = n - cn__wanted(s, n, d, order); i < n; i++) from = CN__MIN(from, order[i]);
    cn__combine(s, from, k, n1, n, q);
}

/* Solves block lo .. lo+n-1. Recursion: log2(n / 16) deep. */
static int cn__divide(cn__split *s, size_t lo, size_t n) {
    size_t n1 = n / 2, i, j;
    double coupling;
    if (n <= CN__LEAF) {
        cn__identity(n, s->leaf);
        if (cn__tridiagonal(n, s->d + lo, s->e + lo, n, s->leaf) != CN_OK) return CN_E_NUMERIC;
        for (i = 0; i < n; i++) {
            s->order[lo + i] = n - 1 - i;
            for (j = 0; j < n; j++) s->q[(lo + i) * s->n + lo + j] = (cn_real)s->leaf[i * n + j];
        }
        return CN_OK;
    }
    coupling = s->e[lo + n1 - 1];
    s->d[lo + n1 - 1] -= fabs(coupling);
    s->d[lo + n1] -= fabs(coupling);
    if (cn__divide(s, lo, n1) != CN_OK || cn__divide(s, lo + n1, n - n1) != CN_OK) return CN_E_NUMERIC;
    cn__merge(s, lo, n1, n, coupling);
    return CN_OK;
}

/* Eigenpairs of (d[n], e[n-1]): values[n] descending, the wanted vectors as rows of z[found][n] (see cn__eigen) */
static int cn__conquer(cn__ws *w, int isa, size_t n, double *d, double *e, size_t top, double cut, double *values,
                       cn_real *z, size_t *found) {
    size_t mark = w->at, i, slot;
    cn__split s;
    s.isa = isa;
    s.n = n;
    s.top = top;
    s.cut = cut;
    s.d = d;
    s.e = e;
    s.q = CN__TAKE(w, cn_real, n * n);
    s.copy = CN__TAKE(w, cn_real, n * n);
    s.panel = CN__TAKE(w, cn_real, CN__ROWS * n);
    s.pack = CN__TAKE(w, cn_real, cn__gemm_pack(CN__ROWS, n, n));
    s.z = CN__TAKE(w, double, 6 * n);
    s.leaf = CN__TAKE(w, double, CN__LEAF *CN__LEAF);
    s.order = CN__TAKE(w, size_t, 5 * n);
    s.kind = CN__TAKE(w, unsigned char, n);
    w->at = mark;
    if (!w->base) return CN_OK;
    s.pole = s.z + n;
    s.weight = s.z + 2 * n;
    s.hat = s.z + 3 * n;
    s.tau = s.z + 4 * n;
    s.delta = s.z + 5 * n;
    s.slot = s.order + n;
    s.dead = s.order + 2 * n;
    s.column = s.order + 3 * n;
    s.origin = s.order + 4 * n;
    memset(s.q, 0, n * n * sizeof *s.q);
    if (cn__divide(&s, 0, n) != CN_OK) return CN_E_NUMERIC;
    *found = cn__wanted(&s, n, d, s.order);
    for (i = 0; i < n; i++) {
        slot = s.order[n - 1 - i];
        values[i] = d[slot];
        if (i < *found) memcpy(z + i * n, s.q + slot * n, n * sizeof *z);
    }
    return CN_OK;
}

/* ---- symmetric eigen */

#define CN__NO_VECTORS ((size_t)-1) /* as `top` */

/* Eigenvalues and eigenvectors of symmetric a[n][n], of which only the lower triangle is read; destroyed. values[n]:
   all eigenvalues, descending. vectors[found][n]: ROW j is the eigenvector of values[j], orthonormal. top: only so many
   vectors (0: all; CN__NO_VECTORS: values only); cut > 0: of those only where value > cut * values[0]; found may be
   NULL. The caller gives room for min(top, n) vectors. Workspace: about 2 n^2 cn_real for vectors, n^2 / 2 without.
   Cost: 4/3 n^3 for the values, up to 4/3 n^3 + 5 n^2 found for the vectors. CN_E_NUMERIC when something is not
   finite. */
static int cn__eigen(cn__ws *w, int isa, size_t n, cn_real *a, size_t top, double cut, double *values, cn_real *vectors,
                     size_t *found) {
    size_t mark = w->at, most = top ? CN__MIN(top, n) : n, count = 0, i, j;
    double *d = CN__TAKE(w, double, n), *e = CN__TAKE(w, double, n), *beta = CN__TAKE(w, double, n), largest, scale;
    cn__reduction r;
    int status = CN_OK;
    r.isa = isa;
    r.n = n;
    /* wide makes the first GEMMs fast, narrow the chase and the way back short */
    r.band = n > 1024 ? 64 : n > 160 ? 32 : CN__MAX(n, (size_t)2) - 1;
    r.steps = (n + r.band - 1) / r.band;
    r.a = a;
    r.tau1 = CN__TAKE(w, double, n);
    r.tau2 = CN__TAKE(w, double, n *r.steps);
    largest = w->base ? cn__largest(n, n, 1, a) : 0;
    scale = cn__scale_of(largest);
    for (i = 0; i < n && w->base; i++) {
        for (j = 0; j <= i; j++) a[i * n + j] = (cn_real)((double)a[i * n + j] * scale);
        for (j = i - i % CN__ROWS; j < i; j++) a[j * n + i] = a[i * n + j];
    }
    if (largest < 0) {
        status = CN_E_NUMERIC;
    } else if (n) {
        cn__to_band(w, &r, beta);
        cn__to_tridiagonal(w, &r, beta, d, e);
        if (top != CN__NO_VECTORS) {
            status = cn__conquer(w, isa, n, d, e, top, cut, values, vectors, &count);
            most = w->base ? count : most;
            cn__back_bulges(w, &r, most, vectors);
            cn__back_band(w, &r, most, vectors);
        } else if (w->base) {
            status = cn__tridiagonal(n, d, e, 0, NULL);
            memcpy(values, d, n * sizeof *values);
        }
    }
    for (i = 0; i < n && w->base && !status; i++) values[i] /= scale;
    if (w->base && found) *found = count;
    w->at = mark;
    return status;
}

/* ---- sums of Kronecker products */

/* The entries of the first n rows of a lower triangle, row after row: (r, s) is number cn__vech(r) + s. */
static size_t cn__vech(size_t n) { return n % 2 ? cn__times(n, n / 2 + 1) : cn__times(n / 2, n + 1); }

/* A running sum over samples of X_i (x) a_i a_i', X_i [p][p] symmetric, by halves: row cn__vech(r) + s of sum [vech(p)]
   [vech(q)] sums X_i[r][s] times the lower triangle of a_i a_i'. It lies at the end of the result and is unpacked
   there. Where p is so small that making those triangles costs more than they save, the lower blocks are summed where
   they belong. */
typedef struct cn__kronecker {
    int isa, small;
    size_t p, q, samples, strip; /* samples and columns of sum at a time */
    cn_real *out, *sum, *half, *pack;
} cn__kronecker;

enum { CN__SAMPLES = 256, CN__STRIP = 1024 }; /* the most samples, and rows or columns of sum, at a time */

static cn__kronecker cn__kronecker_room(cn__ws *w, int isa, size_t samples, size_t p, size_t q, cn_real *out) {
    cn__kronecker k;
    size_t P = cn__vech(p), Q = cn__vech(q), all = p * q * p * q;
    k.isa = isa;
    k.p = p;
    k.q = q;
    k.samples = CN__MIN(samples, (size_t)CN__SAMPLES);
    k.small = p <= 2;
    k.strip = k.small ? q : CN__MIN(Q, CN__MAX(q, (size_t)CN__STRIP));
    k.half = CN__TAKE(w, cn_real, CN__MAX(cn__times(k.samples, k.strip), k.small ? 0 : cn__times(p, Q)));
    k.pack = CN__TAKE(w, cn_real, cn__gemm_pack(k.small ? q : P, k.strip, k.samples));
    k.out = k.sum = out;
    if (w->base && !k.small) k.sum += all - P * Q;
    if (w->base && all) memset(k.sum, 0, (k.small ? all : P * Q) * sizeof *out);
    return k;
}

/* y = alpha x; four at a time as in cn__turn. Returns the end of y. */
static cn_real *cn__scaled(size_t n, cn_real alpha, const cn_real *x, cn_real *y) {
    cn_real t[4];
    size_t l;
    for (; n >= 4; n -= 4, x += 4, y += 4) {
        for (l = 0; l < 4; l++) t[l] = alpha * x[l];
        for (l = 0; l < 4; l++) y[l] = t[l];
    }
    for (; n; n--) *y++ = alpha * *x++;
    return y;
}

/* Adds n samples, at most k.samples, to rows from .. from+rows-1 of the sum. */
static void cn__kronecker_some(const cn__kronecker *k, size_t n, size_t from, size_t rows, const cn_real *x,
                               const cn_real *a) {
    size_t p = k->p, q = k->q, Q = cn__vech(q), m, r, c0, c1, c, wide, i;
    cn_real *to;
    for (m = r = 0; m < rows && k->small; m++) { /* block (r, s) */
        while (cn__vech(r + 1) <= from + m) r++;
        for (to = k->half, i = 0; i < n; i++) to = cn__scaled(q, x[i * rows + m], a + i * q, to);
        to = k->out + (r * q * p + from + m - cn__vech(r)) * q;
        cn__gemm(k->isa, q, q, n, 1, a, 1, q, k->half, q, 1, 1, to, p * q, 1, k->pack);
    }
    for (c0 = 0; c0 < q && !k->small; c0 = c1) { /* rows c0 .. c1-1 of the triangles of aa' */
        for (c1 = c0 + 1; c1 < q && cn__vech(c1 + 1) - cn__vech(c0) <= k->strip; c1++) {
        }
        wide = cn__vech(c1) - cn__vech(c0);
        for (to = k->half, i = 0; i < n; i++)
            for (c = c0; c < c1; c++) to = cn__scaled(c + 1, a[i * q + c], a + i * q, to);
        to = k->sum + from * Q + cn__vech(c0);
        cn__gemm(k->isa, rows, wide, n, 1, x, 1, rows, k->half, wide, 1, 1, to, Q, 1, k->pack);
    }
}

/* The same of any number: x [n][rows], those entries of the triangles of the X_i; a [n][q]. */
static void cn__kronecker_add(const cn__kronecker *k, size_t n, size_t from, size_t rows, const cn_real *x,
                              const cn_real *a) {
    size_t some;
    for (; n; n -= some, x += some * rows, a += some * k->q) {
        some = CN__MIN(n, k->samples);
        cn__kronecker_some(k, some, from, rows, x, a);
    }
}

/* The sum becomes the matrix: row r of blocks from a copy, since the last ones land on it. */
static void cn__kronecker_unpack(const cn__kronecker *k) {
    size_t p = k->p, q = k->q, Q = cn__vech(q), n = p * q, r, s, c, d;
    const cn_real *h;
    cn_real *row;
    for (r = 1; r < n && k->small; r++)
        for (s = 0; s < r; s++) k->out[s * n + r] = k->out[r * n + s];
    for (r = 0; r < p && !k->small; r++) {
        memcpy(k->half, k->sum + cn__vech(r) * Q, (r + 1) * Q * sizeof *h);
        for (s = 0, h = k->half; s <= r; s++, h += Q)
            for (c = 0; c < q; c++) {
                row = k->out + (r * q + c) * n + s * q;
                memcpy(row, h + cn__vech(c), (c + 1) * sizeof *row);
                for (d = c + 1; d < q; d++) row[d] = h[cn__vech(d) + c];
                if (s < r) memcpy(k->out + (s * q + c) * n + r * q, row, q * sizeof *row);
            }
    }
}

/* ---- Cholesky */

/* Columns from .. to-1 of the factor, whose products with the columns before are already taken away */
static int cn__cholesky_block(int isa, size_t n, cn_real *a, size_t from, size_t to) {
    size_t i, j;
    for (i = from; i < n; i++) {
        cn_real *x = a + i * n + from;
        for (j = from; j < CN__MIN(to, i + 1); j++) {
            const cn_real *y = a + j * n + from;
            double t = (double)x[j - from] - cn__dot(isa, j - from, x, y);
            if (j < i) {
                x[j - from] = (cn_real)(t / (double)y[j - from]);
            } else if (t > 0 && cn__finite(t)) {
                x[j - from] = (cn_real)sqrt(t);
            } else {
                return CN_E_NUMERIC;
            }
        }
    }
    return CN_OK;
}

/* b[n][rhs] <- solution of L L' x = b, block by block: GEMM with the solved part, rows within the block */
static void cn__cholesky_solve(int isa, size_t n, const cn_real *a, size_t block, size_t rhs, cn_real *b,
                               cn_real *pack) {
    size_t from, to, i, j;
    for (from = 0; from < n; from = to) {
        to = CN__MIN(n, from + block);
        cn__gemm(isa, to - from, rhs, from, -1, a + from * n, n, 1, b, rhs, 1, 1, b + from * rhs, rhs, 1, pack);
        for (i = from; i < to; i++) {
            for (j = from; j < i; j++) cn__axpy(isa, rhs, -(double)a[i * n + j], b + j * rhs, b + i * rhs);
            for (j = 0; j < rhs; j++) b[i * rhs + j] /= a[i * n + i];
        }
    }
    for (to = n; to > 0; to = from) {
        from = (to - 1) / block * block;
        if (to < n)
            cn__gemm(isa, to - from, rhs, n - to, -1, a + to * n + from, 1, n, b + to * rhs, rhs, 1, 1, b + from * rhs,
                     rhs, 1, pack);
        for (i = to; i-- > from;) {
            for (j = 0; j < rhs; j++) b[i * rhs + j] /= a[i * n + i];
            for (j = from; j < i; j++) cn__axpy(isa, rhs, -(double)a[i * n + j], b + i * rhs, b + j * rhs);
        }
    }
}

/* a[n][n] = L L' in place (lower triangle; what is above it is undefined), then b[n][rhs] <- solution of A x = b (rhs =
   0, b NULL: factor only). Workspace: GEMM's. Cost n^3/3 + 2 n^2 rhs. CN_E_NUMERIC when a is not positive definite. */
static int cn__cholesky(cn__ws *w, int isa, size_t n, cn_real *a, size_t rhs, cn_real *b) {
    const size_t block = 64;
    size_t mark = w->at, from, to, r0, r1;
    size_t room = cn__gemm_pack(CN__ROWS, CN__MAX(n, rhs), CN__MAX(n, block));
    cn_real *pack = CN__TAKE(w, cn_real, room);
    w->at = mark;
    if (!w->base) return CN_OK;
    for (from = 0; from < n; from = to) {
        to = CN__MIN(n, from + block);
        if (cn__cholesky_block(isa, n, a, from, to) != CN_OK) return CN_E_NUMERIC;
        for (r0 = to; r0 < n; r0 = r1) {
            r1 = CN__MIN(n, r0 + CN__ROWS);
            cn__gemm(isa, r1 - r0, r1 - to, to - from, -1, a + r0 * n + from, n, 1, a + to * n + from, 1, n, 1,
                     a + r0 * n + to, n, 1, pack);
        }
    }
    if (rhs) cn__cholesky_solve(isa, n, a, block, rhs, b, pack);
    return CN_OK;
}

/* ---- orthonormal rows */

static double cn__norm(int isa, size_t n, const cn_real *v) {
    double norm = sqrt(cn__dot(isa, n, v, v)), largest = 0, sum = 0, scale;
    volatile double part; /* else -ffast-math squares first */
    size_t i;
    if ((norm > 1e-140 && norm < 1e140) || cn__first_not_finite(n, v) < n) return norm;
    /* else squares leave the range of doubles */
    for (i = 0; i < n; i++) largest = CN__MAX(largest, fabs((double)v[i]));
    scale = cn__scale_of(largest);
    for (i = 0; i < n; i++) {
        part = (double)v[i] * scale;
        sum += part * part;
    }
    return sqrt(sum) / scale;
}

static double cn__normalise(int isa, size_t n, cn_real *v) {
    double norm = cn__norm(isa, n, v);
    size_t i;
    for (i = 0; i < n && norm > 0; i++) v[i] = (cn_real)((double)v[i] / norm);
    return norm;
}

enum { CN__BESIDE = 16, CN__SECTION = 1024 }; /* rows handled together; elements of them that stay in the cache */

/* x [k][n] less its parts along the orthonormal rows q [rows][n]. along, unless NULL (k at most CN__BESIDE): [k][ld] +=
   mix times the coefficients, mix [.][CN__BESIDE] lower triangular. */
static void cn__project_out(int isa, size_t rows, size_t n, const cn_real *q, size_t k, cn_real *x, const double *mix,
                            double *along, size_t ld) {
    const size_t T = CN__BESIDE;
    double c[CN__BESIDE * CN__BESIDE];
    size_t first, some, at, m, i, j, l;
    for (; k > T; k -= T, x += T * n) cn__project_out(isa, rows, n, q, T, x, NULL, NULL, 0);
    for (first = 0; first < rows; first += some, q += some * n) {
        some = CN__MIN(k, rows - first); /* as many: of a single x, a row is read again while it is in the cache */
        memset(c, 0, sizeof c);
        for (at = 0; at < n; at += m) {
            m = CN__MIN(n - at, (size_t)CN__SECTION);
            for (j = 0; j < some; j++)
                for (i = 0; i < k; i++) c[i * T + j] += cn__dot(isa, m, q + j * n + at, x + i * n + at);
        }
        for (at = 0; at < n; at += m) {
            m = CN__MIN(n - at, (size_t)CN__SECTION);
            for (i = 0; i < k; i++)
                for (j = 0; j < some; j++) cn__axpy(isa, m, -c[i * T + j], q + j * n + at, x + i * n + at);
        }
        for (i = 0; along && i < k; i++)
            for (l = 0; l <= i; l++)
                for (j = 0; j < some; j++) along[i * ld + first + j] += mix[i * T + l] * c[l * T + j];
    }
}

/* A random unit vector orthogonal to the rows before it */
static void cn__spare(int isa, size_t rows, size_t n, cn_real *q, uint64_t seed) {
    int again;
    cn_random(seed, cn_stream(CN_FOR_SPARES, rows), 0, CN_NOISE_NORMAL, 1, n, q + rows * n);
    for (again = 0; again < 2; again++) {
        cn__normalise(isa, n, q + rows * n);
        cn__project_out(isa, rows, n, q, 1, q + rows * n, NULL, NULL, 0);
    }
    cn__normalise(isa, n, q + rows * n);
}

/* Rows from .. from+k-1 of q [.][n] become orthonormal to one another and to the `from` orthonormal rows before them:
   Gram-Schmidt, some rows at a time, twice, what rounding left of the first time [Giraud, Langou, Rozloznik, van den
   Eshof 2005]. Given row i = sum_j along[i][j] q_j + left[i] q_(from + i), j < from + i; along [k][ld] and left [k] may
   be NULL. A row of which no more is left than rounding has left 0 and becomes 0, or with a seed a random unit vector
   orthogonal to those before it. */
static void cn__orthonormal(int isa, size_t from, size_t k, size_t n, cn_real *q, const uint64_t *seed, double *left,
                            double *along, size_t ld) {
    const size_t T = CN__BESIDE;
    static const double one[1] = {1};
    double l[CN__BESIDE * CN__BESIDE], m[CN__BESIDE * CN__BESIDE], length, before, part, sum;
    size_t b, i, j, a;
    cn_real *x, *row;
    int again, more;
    for (; k; k -= b, from += b) {
        b = CN__MIN(k, T);
        x = q + from * n;
        memset(l, 0, sizeof l); /* given rows = l times these, beside the parts along q */
        for (i = 0; i < b; i++) {
            l[i * T + i] = cn__normalise(isa, n, x + i * n);
            for (j = 0; along && j < from; j++) along[i * ld + j] = 0;
        }
        for (again = 0; again < 2; again++) {
            cn__project_out(isa, from, n, q, b, x, l, along, ld);
            memset(m, 0, sizeof m);
            for (i = 0; i < b; i++) {
                row = x + i * n;
                length = l[i * T + i];
                cn__project_out(isa, i, n, x, 1, row, one, m + i * T, T);
                part = cn__norm(isa, n, row);
                /* much was cancelled: once more at once, since others follow that may depend on it */
                for (before = 1, more = 0; !again && more < 3 && part < 0.01 * before; more++) {
                    before = part;
                    cn__project_out(isa, from, n, q, 1, row, &length, along ? along + i * ld : NULL, ld);
                    cn__project_out(isa, i, n, x, 1, row, one, m + i * T, T);
                    part = cn__norm(isa, n, row);
                }
                if (!again && cn__finite(length) && part <= 4 * CN__EPS * sqrt(4 + (double)(from + i))) {
                    memset(row, 0, n * sizeof *x);
                    if (seed) cn__spare(isa, from + i, n, q, *seed);
                } else
                    m[i * T + i] = cn__normalise(isa, n, row);
            }
            for (i = 0; i < b; i++) /* l = l m, both lower triangular */
                for (j = 0; j <= i; j++) {
                    for (sum = 0, a = j; a <= i; a++) sum += l[i * T + a] * m[a * T + j];
                    l[i * T + j] = sum;
                }
        }
        for (i = 0; i < b; i++) {
            for (j = 0; along && j < i; j++) along[i * ld + from + j] = l[i * T + j];
            if (left) left[i] = l[i * T + i];
        }
        if (left) left += b;
        if (along) along += b * ld;
    }
}

/* ---- singular values */

/* Rows of g[r][length] made orthogonal by rotations, which accumulate in jac[r][r]; norms descend (Hestenes 1958; de
   Rijk 1989 for the order: the largest row goes first). CN_E_NUMERIC when 60 sweeps are not enough. */
static int cn__jacobi_rows(int isa, size_t r, size_t length, cn_real *g, cn_real *jac, double *norm) {
    double tol = CN__EPS * sqrt((double)length), dot, zeta, t, c;
    size_t p, q, best;
    int sweep, moved = 1;
    for (sweep = 0; moved; sweep++) {
        if (sweep == 60) return CN_E_NUMERIC;
        moved = 0;
        for (p = 0; p < r; p++) norm[p] = sqrt(cn__dot(isa, length, g + p * length, g + p * length));
        for (p = 0; p < r; p++) {
            for (best = p, q = p + 1; q < r; q++) best = norm[q] > norm[best] ? q : best;
            if (best != p) {
                cn__exchange(length * sizeof *g, g + p * length, g + best * length);
                cn__exchange(r * sizeof *jac, jac + p * r, jac + best * r);
                cn__exchange(sizeof *norm, norm + p, norm + best);
            }
            for (q = p + 1; q < r; q++) {
                if (norm[q] * norm[q] <= CN__NEGLIGIBLE) continue;
                dot = cn__dot(isa, length, g + p * length, g + q * length);
                if (fabs(dot) <= tol * norm[p] * norm[q]) continue;
                moved = 1;
                zeta = (norm[q] - norm[p]) * (norm[q] + norm[p]) / (2 * dot);
                t = fabs(zeta) > 1e100 ? 0.5 / zeta : (zeta < 0 ? -1 : 1) / (fabs(zeta) + sqrt(1 + zeta * zeta));
                c = 1 / sqrt(1 + t * t);
                cn__rotate(length, g + p * length, g + q * length, c, c * t);
                cn__rotate(r, jac + p * r, jac + q * r, c, c * t);
                norm[p] = sqrt(cn__dot(isa, length, g + p * length, g + p * length));
                norm[q] = sqrt(cn__dot(isa, length, g + q * length, g + q * length));
            }
        }
    }
    return CN_OK;
}

/* Thin SVD of a[m][n] (destroyed), r = min(m, n): s[r] descending, u[m][r] and vt[r][n], both or either NULL. One-sided
   Jacobi: small singular values keep relative accuracy where columns (m >= n) or rows (m < n) of a are only badly
   scaled; what is below 1e-140 (float: 1e-30) of the largest entry counts as 0. Workspace: m n + r^2 cn_real + r
   doubles; cost about 6 to 10 sweeps of 6 m n r. CN_E_NUMERIC when not finite. */
static int cn__svd(cn__ws *w, int isa, size_t m, size_t n, cn_real *a, double *s, cn_real *u, cn_real *vt) {
    size_t mark = w->at, r = CN__MIN(m, n), length = CN__MAX(m, n), rank = 0, i, j;
    const uint64_t seed = 0;
    cn_real *g = CN__TAKE(w, cn_real, r * length), *jac = CN__TAKE(w, cn_real, r * r), *x;
    double largest, scale, t;
    w->at = mark;
    if (!w->base) return CN_OK;
    largest = cn__largest(m, n, 0, a);
    if (largest < 0) return CN_E_NUMERIC;
    scale = cn__scale_of(largest);
    for (i = 0; i < m; i++)
        for (j = 0; j < n; j++) g[m < n ? i * n + j : j * m + i] = (cn_real)((double)a[i * n + j] * scale);
    memset(jac, 0, r * r * sizeof *jac);
    for (i = 0; i < r; i++) jac[i * r + i] = 1;
    if (cn__jacobi_rows(isa, r, length, g, jac, s) != CN_OK) return CN_E_NUMERIC;
    for (i = 0; i < r; i++) {
        x = g + i * length;
        t = s[i];
        s[i] = t * t <= CN__NEGLIGIBLE ? 0 : t / scale;
        if (s[i] > 0) rank++;
        for (j = 0; j < length; j++) x[j] = s[i] > 0 ? (cn_real)((double)x[j] / t) : 0;
    }
    cn__orthonormal(isa, rank, r - rank, length, g, &seed, NULL, NULL, 0); /* any vectors for what is 0 */
    for (i = 0; i < m && u; i++)
        for (j = 0; j < r; j++) u[i * r + j] = m < n ? jac[j * r + i] : g[j * m + i];
    if (vt) memcpy(vt, m < n ? g : jac, r * n * sizeof *vt);
    return CN_OK;
}

/* ---- the public calls */

/* The instruction set in force: the best here, or the one that ctx.isa asks for; asking for one that is not here is an
   error. Whoever needs it asks while measuring, so that the call fails before it has done anything. */
static int cn__isa(cn_ctx *c) {
    if (!c->cpu) c->cpu = cn__cpu();
    if (c->isa == CN_ISA_AUTO) return c->cpu;
    if (cn__isa_ok(c->isa, c->cpu)) return c->isa;
    cn__fail(c, CN_E_ARGUMENT, "context: isa %d cannot be used here; the best here is %d", c->isa, c->cpu);
    return CN_ISA_C;
}

typedef struct cn__product_job {
    int isa;
    cn__matmul p;
    size_t tasks, pack_reals;
    cn_real *pack;
} cn__product_job;

static void cn__product_task(void *arg, int index) {
    cn__product_job *j = (cn__product_job *)arg;
    size_t i = (size_t)index;
    cn__gemm_part(j->isa, &j->p, j->pack + i * j->pack_reals, i * j->p.m / j->tasks, (i + 1) * j->p.m / j->tasks);
}

static int cn__gemm_call(cn__ws *w, cn__product_job *j) {
    cn_ctx *c = w->ctx;
    const cn__matmul *p = &j->p;
    if (p->m && p->n && (!p->out || (p->k && (!p->a || !p->b))))
        return cn__fail(c, CN_E_ARGUMENT, "gemm: an operand is missing");
    j->isa = cn__isa(c);
    /* no bit depends on it */
    j->tasks = cn__parallel(c) ? CN__MAX(1, CN__MIN((size_t)(c->threads > 0 ? c->threads : 64), p->m / 128)) : 1;
    j->pack_reals = (cn__gemm_pack(p->m, p->n, p->k) + 15) & ~(size_t)15;
    j->pack = CN__TAKE(w, cn_real, j->tasks * j->pack_reals);
    if (w->base) cn__run_tasks(c, (int)j->tasks, cn__product_task, j);
    return CN_OK;
}

CN_API int cn_gemm(cn_ctx *c, size_t m, size_t n, size_t k, double alpha, const cn_real *a, size_t a_row, size_t a_col,
                   const cn_real *b, size_t b_row, size_t b_col, double beta, cn_real *out, size_t out_row,
                   size_t out_col) {
    cn__ws w;
    cn__product_job j;
    int status;
    memset(&j, 0, sizeof j);
    j.p.m = m;
    j.p.n = n;
    j.p.k = k;
    j.p.alpha = (cn_real)alpha;
    j.p.beta = (cn_real)beta;
    j.p.a = a;
    j.p.a_row = a_row;
    j.p.a_col = a_col;
    j.p.b = b;
    j.p.b_row = b_row;
    j.p.b_col = b_col;
    j.p.out = out;
    j.p.o_row = out_row;
    j.p.o_col = out_col;
    CN__CALL(w, c, status, cn__gemm_call(&w, &j));
    return status;
}

static int cn__kronecker_call(cn__ws *w, size_t n, size_t p, size_t q, const cn_real *weight, const cn_real *x,
                              const cn_real *a, cn_real *out) {
    size_t P = cn__vech(p), side = cn__times(p, q), some, r0, r1, rows, i, r, s;
    int isa = cn__isa(w->ctx);
    cn__kronecker k;
    cn_real *half, *to, f;
    if (cn__times(cn__times(side, side), sizeof *out) == (size_t)-1)
        return cn__fail(w->ctx, CN_E_SIZE, "kronecker: a matrix of %z x %z for p %z and q %z overflows", side, side, p,
                        q);
    if (side && (!out || (n && (!x || !a))))
        return cn__fail(w->ctx, CN_E_ARGUMENT, "kronecker: x, a or out is missing");
    if (cn__blocking(w->ctx->status)) return w->ctx->status;
    k = cn__kronecker_room(w, isa, n, p, q, out);
    half = CN__TAKE(w, cn_real, k.samples * CN__MIN(P, CN__MAX(p, (size_t)CN__STRIP)));
    for (; w->base && side && n; n -= some, x += some * p * p, a += some * q, weight = weight ? weight + some : NULL) {
        some = CN__MIN(n, k.samples);
        for (r0 = 0; r0 < p; r0 = r1) {
            for (r1 = r0 + 1; r1 < p && cn__vech(r1 + 1) - cn__vech(r0) <= CN__STRIP; r1++) {
            }
            rows = cn__vech(r1) - cn__vech(r0);
            for (i = 0, to = half; i < some; i++)
                for (f = weight ? weight[i] : 1, r = r0; r < r1; r++)
                    for (s = 0; s <= r; s++) *to++ = f * x[(i * p + r) * p + s];
            cn__kronecker_add(&k, some, cn__vech(r0), rows, half, a);
        }
    }
    if (w->base && side) cn__kronecker_unpack(&k);
    return CN_OK;
}

CN_API int cn_kronecker(cn_ctx *c, size_t n, size_t p, size_t q, const cn_real *w, const cn_real *x, const cn_real *a,
                        cn_real *out) {
    cn__ws ws;
    int status;
    CN__CALL(ws, c, status, cn__kronecker_call(&ws, n, p, q, w, x, a, out));
    return status;
}

/* Names the first element of a [rows][cols], or of its lower triangle, that is not finite; asked while measuring, so
   that nothing was allocated or changed. */
static int cn__check_finite(cn__ws *w, const char *what, size_t rows, size_t cols, int lower, const cn_real *a) {
    size_t i, j, n;
    for (i = 0; a && i < rows && !w->base; i++) {
        n = lower ? i + 1 : cols;
        j = cn__first_not_finite(n, a + i * cols);
        if (j < n)
            return cn__fail(w->ctx, CN_E_DATA, "%s: element %z of row %z is %g", what, j, i, (double)a[i * cols + j]);
    }
    return CN_OK;
}

static int cn__eigen_call(cn__ws *w, size_t n, cn_real *a, size_t top, double cut, double *values, cn_real *vectors,
                          size_t *found) {
    int isa = cn__isa(w->ctx), status;
    if (cn__times(n, n) > (size_t)-1 / 64) return cn__fail(w->ctx, CN_E_SIZE, "eigen: %z x %z overflows", n, n);
    if (n && (!a || !values)) return cn__fail(w->ctx, CN_E_ARGUMENT, "eigen: a or values is missing");
    if (!(cut >= 0) || !cn__finite(cut))
        return cn__fail(w->ctx, CN_E_ARGUMENT, "eigen: cut %g is negative or not finite", cut);
    if ((status = cn__check_finite(w, "eigen", n, n, 1, a)) != CN_OK) return status;
    status = cn__eigen(w, isa, n, a, vectors ? top : CN__NO_VECTORS, cut, values, vectors, found);
    if (status) return cn__fail(w->ctx, status, "eigen: the iteration did not converge");
    if (!w->base || !n || (cn__finite(values[0]) && cn__finite(values[n - 1]))) return CN_OK;
    return cn__fail(w->ctx, CN_E_NUMERIC, "eigen: an eigenvalue is too large for a double");
}

CN_API int cn_eigen(cn_ctx *c, size_t n, cn_real *a, size_t top, double cut, double *values, cn_real *vectors,
                    size_t *found) {
    cn__ws w;
    int status;
    CN__CALL(w, c, status, cn__eigen_call(&w, n, a, top, cut, values, vectors, found));
    return status;
}

static int cn__cholesky_call(cn__ws *w, size_t n, cn_real *a, size_t rhs, cn_real *b) {
    int isa = cn__isa(w->ctx), status;
    if (cn__times(n, CN__MAX(n, rhs)) > (size_t)-1 / 64)
        return cn__fail(w->ctx, CN_E_SIZE, "cholesky: %z x %z and %z right-hand sides overflow", n, n, rhs);
    if (n && (!a || (rhs && !b))) return cn__fail(w->ctx, CN_E_ARGUMENT, "cholesky: a or b is missing");
    if ((status = cn__check_finite(w, "cholesky", n, n, 1, a)) != CN_OK ||
        (status = cn__check_finite(w, "cholesky: right-hand sides", n, rhs, 0, b)) != CN_OK)
        return status;
    status = cn__cholesky(w, isa, n, a, rhs, b);
    if (status) return cn__fail(w->ctx, status, "cholesky: the matrix is not positive definite");
    if (!w->base || !rhs || cn__first_not_finite(n * rhs, b) == n * rhs) return CN_OK;
    return cn__fail(w->ctx, CN_E_NUMERIC, "cholesky: the solution is too large for its numbers");
}

CN_API int cn_cholesky(cn_ctx *c, size_t n, cn_real *a, size_t rhs, cn_real *b) {
    cn__ws w;
    int status;
    CN__CALL(w, c, status, cn__cholesky_call(&w, n, a, rhs, b));
    return status;
}

static int cn__orthonormal_rows(cn__ws *w, size_t k, size_t n, cn_real *rows, cn_real *triangle, size_t *rank) {
    int isa = cn__isa(w->ctx);
    double *left, *along;
    size_t i, j, count = 0;
    left = CN__TAKE(w, double, k);
    along = triangle ? CN__TAKE(w, double, cn__times(k, k)) : NULL;
    if (!w->base) return CN_OK;
    for (i = 0; i < k; i++) left[i] = 0;
    for (i = 0; along && i < k * k; i++) along[i] = 0;
    if (n) cn__orthonormal(isa, 0, k, n, rows, NULL, left, along, k);
    for (i = 0; i < k; i++) {
        count += left[i] > 0;
        for (j = 0; triangle && j < k; j++)
            triangle[i * k + j] = j == i ? (cn_real)left[i] : j < i ? (cn_real)along[i * k + j] : 0;
    }
    if (rank) *rank = count;
    return CN_OK;
}

static int cn__orthonormal_call(cn__ws *w, size_t k, size_t n, cn_real *rows, cn_real *triangle, size_t *rank) {
    size_t i;
    int status;
    if (cn__times(k, n) > (size_t)-1 / 64) return cn__fail(w->ctx, CN_E_SIZE, "orthonormal: %z x %z overflows", k, n);
    if (k && n && !rows) return cn__fail(w->ctx, CN_E_ARGUMENT, "orthonormal: the rows are missing");
    if (cn__blocking(w->ctx->status)) return w->ctx->status;
    if ((status = cn__check_finite(w, "orthonormal", k, n, 0, rows)) != CN_OK) return status;
    for (i = 0; n && i < k && !w->base; i++)
        if (!cn__finite((double)(cn_real)cn__norm(cn__isa(w->ctx), n, rows + i * n)))
            return cn__fail(w->ctx, CN_E_NUMERIC, "orthonormal: row %z is too long for its numbers", i);
    return cn__orthonormal_rows(w, k, n, rows, triangle, rank);
}

CN_API int cn_orthonormal(cn_ctx *c, size_t k, size_t n, cn_real *rows, cn_real *triangle, size_t *rank) {
    cn__ws w;
    int status;
    CN__CALL(w, c, status, cn__orthonormal_call(&w, k, n, rows, triangle, rank));
    return status;
}

static int cn__svd_call(cn__ws *w, size_t m, size_t n, cn_real *a, double *s, cn_real *u, cn_real *vt) {
    int isa = cn__isa(w->ctx), status;
    if (cn__times(m, n) > (size_t)-1 / 64) return cn__fail(w->ctx, CN_E_SIZE, "svd: %z x %z overflows", m, n);
    if (m && n && (!a || !s)) return cn__fail(w->ctx, CN_E_ARGUMENT, "svd: a or s is missing");
    if ((status = cn__check_finite(w, "svd", m, n, 0, a)) != CN_OK) return status;
    status = cn__svd(w, isa, m, n, a, s, u, vt);
    if (status) return cn__fail(w->ctx, status, "svd: the iteration did not converge");
    if (!w->base || !m || !n || cn__finite(s[0])) return CN_OK;
    return cn__fail(w->ctx, CN_E_NUMERIC, "svd: a singular value is too large for a double");
}

CN_API int cn_svd(cn_ctx *c, size_t m, size_t n, cn_real *a, double *s, cn_real *u, cn_real *vt) {
    cn__ws w;
    int status;
    CN__CALL(w, c, status, cn__svd_call(&w, m, n, a, s, u, vt));
    return status;
}
#endif /* FLOOR 5 */

/* ==== FLOOR 6: spectrum: any linear operator; knows no network ==================================================== */
#if CN_FLOOR_MAX >= 6

/* Vectors handed to an operator at a time: where a product passes over data, and where it is a GEMM. */
#define CN__GROUP 16
#define CN__WIDE 256
/* CN_METHOD_AUTO is exact up to so many products; a matrix of this side takes 200 MB and a minute. */
#define CN__MOST_DENSE 5000

struct cn_op {
    cn_ctx *ctx;
    cn_op_info info;
    int (*run)(cn__ws *w, cn_op *a, size_t k, const cn_real *x, cn_real *y);
    int (*quadratic)(cn__ws *w, cn_op *a, size_t k, const cn_real *x, double *out); /* NULL: x'(Ax) */
    int (*trace)(cn__ws *w, cn_op *a, double *out);     /* exact, by trace_products products; NULL: there is none */
    int (*diagonal)(cn__ws *w, cn_op *a, cn_real *out); /* exact, without products; NULL: there is none */
    int (*dense)(cn__ws *w, cn_op *a, cn_real *out);    /* by dense_products products, before symmetrising; or NULL */
    size_t trace_products, dense_products;              /* 0: closed forms */
    int (*gram)(cn__ws *w, cn_op *a, cn_real *out);     /* where info.rows > 0: out [rows][rows] = R R' */
    int (*spread)(cn__ws *w, cn_op *a, size_t k, const cn_real *u, cn_real *y); /* y [k][size] = R'u, u [k][rows] */
    int wide;                                                                   /* 1: CN__WIDE vectors at a time */
    int is_diagonal;  /* 1: by construction; it has `diagonal` */
    const void *data; /* what these functions need; it knows the rest */
};

/* The most vectors that a product takes at a time. */
static size_t cn__most(const cn_op *a) { return a->wide ? CN__WIDE : CN__GROUP; }

/* y = A x for k vectors; the scratch it took is given back. */
static int cn__run(cn__ws *w, cn_op *a, size_t k, const cn_real *x, cn_real *y) {
    size_t mark = w->at;
    int status = cn__fits(w, a->run(w, a, k, x, y));
    w->at = mark;
    return status;
}

static void cn__start_op(cn_op *made, cn_ctx *c, size_t size, const char *convention) {
    memset(made, 0, sizeof *made);
    made->ctx = c;
    made->info.size = size;
    made->info.convention = convention;
    made->info.symmetric = 1;
}

/* A copy of what is made and of its data, owned by its context; NULL where the checks before it failed. */
static int cn__copy_op(cn__ws *w, const cn_op *made, const void *data, size_t bytes) {
    cn_op *a = CN__TAKE(w, cn_op, 1);
    void *own = CN__TAKE(w, unsigned char, bytes);
    if (!w->base) return CN_OK;
    *a = *made;
    memcpy(own, data, bytes);
    a->data = own;
    return CN_OK;
}

static cn_op *cn__new_op(const cn_op *made, const void *data, size_t bytes, int status) {
    cn__ws w;
    cn_op *a;
    CN__CREATE(w, made->ctx, cn_op, a, status ? status : cn__copy_op(&w, made, data, bytes));
    return a;
}

/* ---- the caller's own, and matrices */

/* The caller's own operator. */
typedef struct cn__own {
    cn_apply apply;
    void *user;
} cn__own;

static int cn__op_user_run(cn__ws *w, cn_op *a, size_t k, const cn_real *x, cn_real *y) {
    const cn__own *s = (const cn__own *)a->data;
    int status;
    if (!w->base) return CN_OK;
    status = s->apply(s->user, k, x, y);
    return status == CN_OK ? CN_OK
                           : cn__fail(w->ctx, status > 0 && status < CN_STATUS_COUNT ? status : CN_E_ARGUMENT,
                                      "the operator's own apply returned %d", status);
}

CN_API cn_op *cn_op_user(cn_ctx *c, size_t size, cn_apply apply, void *user) {
    cn_op made;
    cn__own data;
    if (!c) return NULL;
    cn__start_op(&made, c, size, "the caller's own");
    memset(&data, 0, sizeof data);
    made.run = cn__op_user_run;
    data.apply = apply;
    data.user = user;
    return cn__new_op(&made, &data, sizeof data,
                      size && apply ? CN_OK : cn__fail(c, CN_E_ARGUMENT, "operator: size is 0 or apply is missing"));
}

/* Stored numbers: k rows of a matrix or of R, or a diagonal. */
typedef struct cn__stored {
    size_t k;
    const cn_real *q;
} cn__stored;

/* The product of a matrix, and of R' with u [k][rows] */
static int cn__rows_spread(cn__ws *w, cn_op *a, size_t k, const cn_real *u, cn_real *y) {
    const cn__stored *s = (const cn__stored *)a->data;
    size_t n = a->info.size;
    int isa = cn__isa(w->ctx);
    cn_real *pack = CN__TAKE(w, cn_real, cn__gemm_pack(k, n, s->k));
    if (w->base) cn__gemm(isa, k, n, s->k, 1, u, s->k, 1, s->q, n, 1, 0, y, n, 1, pack);
    return CN_OK;
}

static int cn__op_matrix_diagonal(cn__ws *w, cn_op *a, cn_real *out) {
    const cn__stored *s = (const cn__stored *)a->data;
    size_t i, n = a->info.size;
    for (i = 0; w->base && i < n; i++) out[i] = s->q[i * n + i];
    return CN_OK;
}

/* The trace of what knows its diagonal */
static int cn__trace_by_diagonal(cn__ws *w, cn_op *a, double *out) {
    size_t i, n = a->info.size;
    cn_real *x = CN__TAKE(w, cn_real, n);
    int status = a->diagonal(w, a, x);
    for (*out = 0, i = 0; status == CN_OK && w->base && i < n; i++) *out += (double)x[i];
    return status;
}

static int cn__op_matrix_dense(cn__ws *w, cn_op *a, cn_real *out) {
    const cn__stored *s = (const cn__stored *)a->data;
    if (w->base) memcpy(out, s->q, a->info.size * a->info.size * sizeof *out);
    return CN_OK;
}

static int cn__check_matrix(cn_ctx *c, size_t n, const cn_real *matrix) {
    size_t i, j;
    if (cn__blocking(c->status)) return c->status; /* what made the matrix has failed */
    if (!n || !matrix) return cn__fail(c, CN_E_ARGUMENT, "operator: size is 0 or the matrix is missing");
    if (cn__overflows(n, n) || cn__overflows(n * n, sizeof *matrix))
        return cn__fail(c, CN_E_SIZE, "operator: a matrix of %z x %z overflows", n, n);
    for (i = 0; i < n; i++)
        for (j = 0; j <= i; j++)
            if (!cn__finite((double)matrix[i * n + j]) || matrix[i * n + j] != matrix[j * n + i])
                return cn__fail(
                    c, CN_E_DATA,
                    "operator: element %z, %z of the matrix is %g, its mirror %g; they should be finite and equal", i,
                    j, (double)matrix[i * n + j], (double)matrix[j * n + i]);
    return CN_OK;
}

CN_API cn_op *cn_op_matrix(cn_ctx *c, size_t size, const cn_real *matrix) {
    cn_op made;
    cn__stored data;
    if (!c) return NULL;
    cn__start_op(&made, c, size, "a matrix");
    memset(&data, 0, sizeof data);
    data.q = matrix;
    data.k = size;
    made.wide = 1;
    made.run = cn__rows_spread;
    made.diagonal = cn__op_matrix_diagonal;
    made.trace = cn__trace_by_diagonal;
    made.dense = cn__op_matrix_dense;
    return cn__new_op(&made, &data, sizeof data, cn__check_matrix(c, size, matrix));
}

static int cn__op_diagonal_run(cn__ws *w, cn_op *a, size_t k, const cn_real *x, cn_real *y) {
    const cn__stored *s = (const cn__stored *)a->data;
    size_t n = a->info.size, i, j;
    for (j = 0; w->base && j < k; j++, x += n, y += n)
        for (i = 0; i < n; i++) y[i] = s->q[i] * x[i];
    return CN_OK;
}

static int cn__op_diagonal_diagonal(cn__ws *w, cn_op *a, cn_real *out) {
    const cn__stored *s = (const cn__stored *)a->data;
    if (w->base) memcpy(out, s->q, a->info.size * sizeof *out);
    return CN_OK;
}

static int cn__op_diagonal_dense(cn__ws *w, cn_op *a, cn_real *out) {
    const cn__stored *s = (const cn__stored *)a->data;
    size_t i, n = a->info.size;
    if (w->base) memset(out, 0, n * n * sizeof *out);
    for (i = 0; w->base && i < n; i++) out[i * n + i] = s->q[i];
    return CN_OK;
}

static void cn__start_diagonal(cn_op *made, cn__stored *data, cn_ctx *c, size_t size, const cn_real *d) {
    cn__start_op(made, c, size, "a diagonal matrix");
    memset(data, 0, sizeof *data);
    made->wide = made->is_diagonal = 1;
    data->q = d;
    made->data = data;
    made->run = cn__op_diagonal_run;
    made->diagonal = cn__op_diagonal_diagonal;
    made->trace = cn__trace_by_diagonal;
    made->dense = cn__op_diagonal_dense;
}

CN_API cn_op *cn_op_diagonal(cn_ctx *c, size_t size, const cn_real *d) {
    cn_op made;
    cn__stored data;
    int status;
    size_t i = 0;
    if (!c) return NULL;
    cn__start_diagonal(&made, &data, c, size, d);
    status = cn__blocking(c->status) ? c->status : CN_OK; /* what made d has failed */
    if (!status && (!size || !d)) status = cn__fail(c, CN_E_ARGUMENT, "operator: size is 0 or the diagonal is missing");
    if (!status && (i = cn__first_not_finite(size, d)) < size)
        status = cn__fail(c, CN_E_DATA, "operator: element %z of the diagonal is %g", i, (double)d[i]);
    for (i = 0; !status && i < size && d[i] >= 0; i++) {
    }
    made.info.positive = i == size;
    return cn__new_op(&made, &data, sizeof data, status);
}

static int cn__factor_gram(cn__ws *w, cn_op *a, cn_real *out) {
    const cn__stored *s = (const cn__stored *)a->data;
    size_t n = a->info.size, r = a->info.rows;
    int isa = cn__isa(w->ctx);
    cn_real *pack = CN__TAKE(w, cn_real, cn__gemm_pack(r, r, n));
    if (w->base) cn__gemm(isa, r, r, n, 1, s->q, n, 1, s->q, 1, n, 0, out, r, 1, pack);
    return CN_OK;
}

static int cn__factor_run(cn__ws *w, cn_op *a, size_t k, const cn_real *x, cn_real *y) {
    const cn__stored *s = (const cn__stored *)a->data;
    size_t n = a->info.size;
    int isa = cn__isa(w->ctx);
    cn_real *u = CN__TAKE(w, cn_real, cn__times(k, a->info.rows)),
            *pack = CN__TAKE(w, cn_real, cn__gemm_pack(k, a->info.rows, n));
    if (w->base) cn__gemm(isa, k, a->info.rows, n, 1, x, n, 1, s->q, 1, n, 0, u, a->info.rows, 1, pack);
    return cn__rows_spread(w, a, k, u, y);
}

static int cn__factor_diagonal(cn__ws *w, cn_op *a, cn_real *out) {
    const cn__stored *s = (const cn__stored *)a->data;
    size_t n = a->info.size, i, r;
    double sum;
    for (i = 0; w->base && i < n; i++) {
        for (sum = 0, r = 0; r < a->info.rows; r++) sum += (double)s->q[r * n + i] * (double)s->q[r * n + i];
        out[i] = (cn_real)sum;
    }
    return CN_OK;
}

static int cn__factor_trace(cn__ws *w, cn_op *a, double *out) {
    const cn__stored *s = (const cn__stored *)a->data;
    int isa = cn__isa(w->ctx);
    if (w->base) *out = cn__dot(isa, a->info.rows * a->info.size, s->q, s->q);
    return CN_OK;
}

CN_API cn_op *cn_op_factor(cn_ctx *c, size_t rows, size_t size, const cn_real *r) {
    cn_op made;
    cn__stored data;
    int status = CN_OK;
    if (!c) return NULL;
    if (!size || !rows || !r)
        status = cn__fail(c, CN_E_ARGUMENT, "operator R'R: R is missing or has %z x %z entries", rows, size);
    else if (cn__overflows(rows, size))
        status = cn__fail(c, CN_E_SIZE, "operator R'R: %z x %z overflows", rows, size);
    cn__start_op(&made, c, size, "R'R of the caller's rows");
    memset(&data, 0, sizeof data);
    made.info.positive = 1;
    made.info.rows = data.k = rows;
    data.q = r;
    made.wide = 1;
    made.run = cn__factor_run;
    made.gram = cn__factor_gram;
    made.spread = cn__rows_spread;
    made.diagonal = cn__factor_diagonal;
    made.trace = cn__factor_trace;
    return cn__new_op(&made, &data, sizeof data, status);
}

/* ---- sums, products, projections, inverses */

/* alpha A + beta B + shift I (B may be NULL), or A B */
typedef struct cn__pair {
    cn_op *left, *right;
    double alpha, beta, shift;
} cn__pair;

static int cn__op_sum_run(cn__ws *w, cn_op *a, size_t k, const cn_real *x, cn_real *y) {
    const cn__pair *s = (const cn__pair *)a->data;
    size_t n = a->info.size, i;
    int status, isa = cn__isa(w->ctx);
    cn_real *z = s->right ? CN__TAKE(w, cn_real, cn__times(k, n)) : NULL;
    if ((status = cn__run(w, s->left, k, x, y)) != CN_OK) return status;
    if (s->right && (status = cn__run(w, s->right, k, x, z)) != CN_OK) return status;
    if (!w->base) return CN_OK;
    cn__axpby(isa, k * n, s->shift, x, s->alpha, y);
    for (i = 0; s->right && i < k; i++) cn__axpby(isa, n, s->beta, z + i * n, 1, y + i * n);
    return CN_OK;
}

static int cn__op_sum_diagonal(cn__ws *w, cn_op *a, cn_real *out) {
    const cn__pair *s = (const cn__pair *)a->data;
    size_t n = a->info.size, i, mark;
    int status;
    cn_real *z = s->right ? CN__TAKE(w, cn_real, n) : NULL;
    mark = w->at;
    if ((status = s->left->diagonal(w, s->left, out)) != CN_OK) return status;
    w->at = mark;
    if (s->right && (status = s->right->diagonal(w, s->right, z)) != CN_OK) return status;
    for (i = 0; w->base && i < n; i++)
        out[i] = (cn_real)(s->alpha * (double)out[i] + (z ? s->beta * (double)z[i] : 0) + s->shift);
    return CN_OK;
}

static int cn__op_sum_trace(cn__ws *w, cn_op *a, double *out) {
    const cn__pair *s = (const cn__pair *)a->data;
    size_t mark = w->at;
    int status;
    double left = 0, right = 0;
    if ((status = s->left->trace(w, s->left, &left)) != CN_OK) return status;
    w->at = mark;
    if (s->right && (status = s->right->trace(w, s->right, &right)) != CN_OK) return status;
    if (w->base) *out = s->alpha * left + s->beta * right + s->shift * (double)a->info.size;
    return CN_OK;
}

static int cn__op_product_run(cn__ws *w, cn_op *a, size_t k, const cn_real *x, cn_real *y) {
    const cn__pair *s = (const cn__pair *)a->data;
    cn_real *z = CN__TAKE(w, cn_real, cn__times(k, a->info.size));
    int status = cn__run(w, s->right, k, x, z);
    return status ? status : cn__run(w, s->left, k, z, y);
}

/* (AB)_ii = a_ii b_ii where one of both is diagonal. */
static int cn__op_product_diagonal(cn__ws *w, cn_op *a, cn_real *out) {
    const cn__pair *s = (const cn__pair *)a->data;
    size_t n = a->info.size, i, mark;
    int status;
    cn_real *z = CN__TAKE(w, cn_real, n);
    mark = w->at;
    if ((status = s->left->diagonal(w, s->left, out)) != CN_OK) return status;
    w->at = mark;
    if ((status = s->right->diagonal(w, s->right, z)) != CN_OK) return status;
    for (i = 0; w->base && i < n; i++) out[i] *= z[i];
    return CN_OK;
}

/* Does tr(AB) follow from both diagonals? */
static int cn__by_diagonals(const cn_op *a, const cn_op *b) {
    return (a->is_diagonal || b->is_diagonal) && a->diagonal && b->diagonal;
}

/* Of two operators the one with fewer rows, if they are fewer than its size; NULL: neither. */
static cn_op *cn__fewest_rows(cn_op *a, cn_op *b) {
    cn_op *best = a->info.rows && a->info.rows < a->info.size ? a : NULL;
    return b->info.rows && b->info.rows < (best ? best->info.rows : b->info.size) ? b : best;
}

typedef struct cn__deflated {
    cn_op *left;
    size_t k;
    const cn_real *q; /* k orthonormal rows */
} cn__deflated;

static int cn__op_deflate_run(cn__ws *w, cn_op *a, size_t k, const cn_real *x, cn_real *y) {
    const cn__deflated *s = (const cn__deflated *)a->data;
    size_t n = a->info.size;
    int status, isa = cn__isa(w->ctx);
    cn_real *z = CN__TAKE(w, cn_real, cn__times(k, n));
    if (w->base) {
        memcpy(z, x, k * n * sizeof *z);
        cn__project_out(isa, s->k, n, s->q, k, z, NULL, NULL, 0);
    }
    status = cn__run(w, s->left, k, z, y);
    if (status == CN_OK && w->base) cn__project_out(isa, s->k, n, s->q, k, y, NULL, NULL, 0);
    return status;
}

static int cn__same_size(const char *what, const cn_op *a, const cn_op *b) {
    return a->info.size == b->info.size
               ? CN_OK
               : cn__fail(a->ctx, CN_E_SHAPE, "%s sizes %z and %z", what, a->info.size, b->info.size);
}

CN_API cn_op *cn_op_sum(cn_op *a, double alpha, cn_op *b, double beta, double shift) {
    cn_op made;
    cn__pair data;
    int status;
    if (!a) return NULL;
    status = b ? cn__same_size("operator sum:", a, b) : CN_OK;
    if (!cn__finite(alpha) || !cn__finite(beta) || !cn__finite(shift))
        status = cn__fail(a->ctx, CN_E_ARGUMENT, "operator sum: a factor is not finite");
    cn__start_op(&made, a->ctx, a->info.size, "a sum of operators");
    memset(&data, 0, sizeof data);
    made.run = cn__op_sum_run;
    data.left = a;
    data.right = b;
    made.wide = a->wide && (!b || b->wide);
    data.alpha = alpha;
    data.beta = beta;
    data.shift = shift;
    made.info.positive = a->info.positive && alpha >= 0 && shift >= 0 && (!b || (b->info.positive && beta >= 0));
    made.info.symmetric = a->info.symmetric && (!b || b->info.symmetric);
    if (a->diagonal && (!b || b->diagonal)) made.diagonal = cn__op_sum_diagonal;
    if (a->trace && (!b || b->trace)) made.trace = cn__op_sum_trace;
    made.trace_products = CN__MAX(a->trace_products, b ? b->trace_products : 0);
    made.is_diagonal = a->is_diagonal && (!b || b->is_diagonal);
    return cn__new_op(&made, &data, sizeof data, status);
}

static int cn__op_product_trace(cn__ws *w, cn_op *a, double *out);

CN_API cn_op *cn_op_product(cn_op *a, cn_op *b) {
    cn_op made, *rows;
    cn__pair data;
    if (!a || !b) return NULL;
    cn__start_op(&made, a->ctx, a->info.size, "a product of operators");
    memset(&data, 0, sizeof data);
    made.run = cn__op_product_run;
    data.left = a;
    data.right = b;
    made.wide = a->wide && b->wide;
    made.is_diagonal = a->is_diagonal && b->is_diagonal;
    made.info.symmetric = (a == b && a->info.symmetric) || made.is_diagonal;
    made.info.positive = (a == b && a->info.symmetric) || (made.is_diagonal && a->info.positive && b->info.positive);
    rows = cn__fewest_rows(a, b);
    if (cn__by_diagonals(a, b)) {
        made.diagonal = cn__op_product_diagonal;
        made.trace = cn__trace_by_diagonal;
    } else if (rows) {
        made.trace = cn__op_product_trace;
        made.trace_products = rows->info.rows;
    }
    return cn__new_op(&made, &data, sizeof data, cn__same_size("operator product:", a, b));
}

CN_API cn_op *cn_op_deflate(cn_op *a, size_t k, const cn_real *q) {
    cn_op made;
    cn__deflated data;
    if (!a) return NULL;
    cn__start_op(&made, a->ctx, a->info.size, "deflated");
    memset(&data, 0, sizeof data);
    made.run = cn__op_deflate_run;
    data.left = a;
    made.wide = a->wide;
    data.k = k;
    data.q = q;
    made.info.positive = a->info.positive;
    made.info.symmetric = a->info.symmetric;
    return cn__new_op(&made, &data, sizeof data,
                      !k || q ? CN_OK : cn__fail(a->ctx, CN_E_ARGUMENT, "operator deflation: the vectors are missing"));
}

CN_API cn_op_info cn_op_describe(const cn_op *a) {
    static const cn_op_info none = {0, 0, 0, 0, ""};
    return a ? a->info : none;
}

/* ---- products, dense, quadratic forms */

typedef int (*cn__rows)(cn__ws *w, cn_op *a, size_t k, const cn_real *x, cn_real *y);

/* The run or the spread of an operator for any number of vectors, a group at a time; x [k][in]. */
static int cn__in_groups(cn__ws *w, cn_op *a, cn__rows run, size_t in, size_t k, const cn_real *x, cn_real *y) {
    size_t mark = w->at, from = 0, group;
    int status = CN_OK;
    if (!w->base) k = CN__MIN(k, cn__most(a));
    for (; from < k && status == CN_OK; from += group, w->at = mark) {
        group = CN__MIN(k - from, cn__most(a));
        status = cn__fits(w, run(w, a, group, from ? x + from * in : x, from ? y + from * a->info.size : y));
    }
    return status;
}

static int cn__op_apply(cn__ws *w, cn_op *a, size_t k, const cn_real *x, cn_real *y) {
    return cn__in_groups(w, a, a->run, a->info.size, k, x, y);
}

CN_API int cn_op_apply(cn_op *a, size_t k, const cn_real *x, cn_real *y) {
    CN__DO(a, x && y ? cn__written(&w, "operator product", cn__op_apply(&w, a, k, x, y), k * a->info.size, y)
                     : cn__fail(a->ctx, CN_E_ARGUMENT, "operator product: x or y is missing"));
}

static void cn__units(size_t n, size_t first, size_t k, cn_real *x) /* unit vectors first .. first+k-1 */
{
    size_t j;
    memset(x, 0, k * n * sizeof *x);
    for (j = 0; j < k; j++) x[j * n + first + j] = 1;
}

static int cn__op_dense(cn__ws *w, cn_op *a, cn_real *out) {
    size_t n = a->info.size, mark = w->at, j, i, k, group = CN__MIN(n, cn__most(a));
    int status = CN_OK;
    cn_real keep, *x;
    if (cn__overflows(n, n) || cn__overflows(n * n, sizeof(cn_real)))
        return cn__fail(w->ctx, CN_E_SIZE, "dense operator: %z x %z overflows", n, n);
    if (a->dense)
        status = a->dense(w, a, out);
    else {
        x = CN__TAKE(w, cn_real, cn__times(group, n));
        if (!w->base) status = cn__run(w, a, group, NULL, NULL);
        for (j = 0; w->base && j < n && status == CN_OK; j += k) {
            k = CN__MIN(group, n - j);
            cn__units(n, j, k, x);
            status = cn__run(w, a, k, x, out + j * n); /* columns, as rows */
            if (status == CN_OK) status = cn__report(w->ctx, "dense operator", (double)(j + k), (double)n, 0, 0);
        }
    }
    w->at = mark;
    if (status || !w->base) return status;
    for (i = 0; i < n; i++)
        for (j = 0; j < i; j++) {
            keep = out[i * n + j];
            if (a->info.symmetric)
                out[i * n + j] = out[j * n + i] = (cn_real)(0.5 * ((double)keep + (double)out[j * n + i]));
            else {
                out[i * n + j] = out[j * n + i];
                out[j * n + i] = keep;
            }
        }
    return CN_OK;
}

CN_API int cn_op_dense(cn_op *a, cn_real *out) {
    CN__DO(a, out ? cn__written(&w, "dense operator", cn__op_dense(&w, a, out), a->info.size * a->info.size, out)
                  : cn__fail(a->ctx, CN_E_ARGUMENT, "dense operator: out is missing"));
}

/* A form z -> number of which the trace is the sum over unit vectors and the mean over probes. b NULL: z'Az, else
   (Az).(Bz). At most a group. */
static int cn__form(cn__ws *w, cn_op *a, cn_op *b, size_t k, const cn_real *z, double *value) {
    size_t n = a->info.size, j;
    int status, isa = cn__isa(w->ctx), two = b && b != a;
    cn_real *y, *other;
    const cn_real *right;
    if (!b && a->quadratic) return cn__fits(w, a->quadratic(w, a, k, z, value));
    y = CN__TAKE(w, cn_real, cn__times(k, n));
    other = two ? CN__TAKE(w, cn_real, cn__times(k, n)) : y;
    if ((status = cn__run(w, a, k, z, y)) != CN_OK) return status;
    if (two && (status = cn__run(w, b, k, z, other)) != CN_OK) return status;
    right = b ? other : z;
    for (j = 0; w->base && j < k; j++) value[j] = cn__dot(isa, n, y + j * n, right + j * n);
    return CN_OK;
}

/* tr(AB) of A = R'R: r_j'B r_j summed over the rows, on top of *out. */
static int cn__trace_rows(cn__ws *w, const char *what, cn_op *a, cn_op *b, double *out) {
    size_t n = a->info.size, rows = a->info.rows, group = CN__MIN(rows, cn__most(b)), mark, done, k, j;
    int status;
    cn_real *u = CN__TAKE(w, cn_real, cn__times(group, rows)), *r = CN__TAKE(w, cn_real, cn__times(group, n));
    double *value = CN__TAKE(w, double, group);
    mark = w->at;
    for (done = 0; done < rows; done += k) {
        k = CN__MIN(group, rows - done);
        if (w->base) cn__units(rows, done, k, u);
        if ((status = cn__in_groups(w, a, a->spread, rows, k, u, r)) != CN_OK) return status;
        w->at = mark;
        if ((status = cn__form(w, b, NULL, k, r, value)) != CN_OK || !w->base) return status;
        w->at = mark;
        for (j = 0; j < k; j++) *out += value[j];
        if ((status = cn__report(w->ctx, what, (double)(done + k), (double)rows, *out, 0)) != CN_OK) return status;
    }
    return CN_OK;
}

static int cn__op_product_trace(cn__ws *w, cn_op *a, double *out) {
    const cn__pair *s = (const cn__pair *)a->data;
    cn_op *rows = cn__fewest_rows(s->left, s->right);
    *out = 0;
    return cn__trace_rows(w, "trace", rows, rows == s->left ? s->right : s->left, out);
}

static int cn__op_quadratic(cn__ws *w, cn_op *a, size_t k, const cn_real *x, double *out) {
    size_t mark = w->at, from = 0, group;
    int status = CN_OK;
    if (!w->base) k = CN__MIN(k, cn__most(a));
    for (; from < k && status == CN_OK; from += group, w->at = mark) {
        group = CN__MIN(k - from, cn__most(a));
        status = cn__form(w, a, NULL, group, from ? x + from * a->info.size : x, from ? out + from : out);
    }
    return status;
}

CN_API int cn_op_quadratic(cn_op *a, size_t k, const cn_real *x, double *out) {
    CN__DO(a, x && out ? cn__written_doubles(&w, "quadratic form", cn__op_quadratic(&w, a, k, x, out), k, out)
                       : cn__fail(a->ctx, CN_E_ARGUMENT, "quadratic form: x or out is missing"));
}

static int cn__check_rows(const cn_op *a, const void *u, const void *out) {
    if (!u) return cn__fail(a->ctx, CN_E_ARGUMENT, "rows of an operator: u is missing");
    if (!out) return cn__fail(a->ctx, CN_E_ARGUMENT, "rows of an operator: an array is missing");
    return a->info.rows ? CN_OK
                        : cn__fail(a->ctx, CN_E_UNSUITED, "rows of an operator: it is not known as R'R (%s)",
                                   a->info.convention);
}

CN_API int cn_op_gram(cn_op *a, cn_real *out) {
    CN__DO(a, cn__check_rows(a, a, out)
                  ? a->ctx->status
                  : cn__written(&w, "rows of an operator", a->gram(&w, a, out), a->info.rows * a->info.rows, out));
}

CN_API int cn_op_spread(cn_op *a, size_t k, const cn_real *u, cn_real *y) {
    CN__DO(a, cn__check_rows(a, u, y)
                  ? a->ctx->status
                  : cn__written(&w, "rows of an operator", cn__in_groups(&w, a, a->spread, a->info.rows, k, u, y),
                                k * a->info.size, y));
}

/* ---- estimates: a mean over probes with its standard error */

typedef struct cn__mean {
    size_t count;
    double value, squares;
} cn__mean;

/* Welford 1962, without cancellation; delta's own square, because delta (v - value) may be below 0 where a compiler
   fuses the product that makes v with the difference. */
static void cn__mean_add(cn__mean *m, double v) {
    double delta = v - m->value, count = (double)++m->count;
    m->value += delta / count;
    m->squares += delta * delta * ((count - 1) / count);
}

static double cn__mean_error(const cn__mean *m) /* one probe says nothing about its error */
{
    return m->count > 1 ? sqrt(m->squares / ((double)m->count - 1) / (double)m->count) : fabs(m->value);
}

/* The error of a statistic from its values without one probe each [Efron 1981] */
static double cn__jackknife_error(const cn__mean *left) {
    return sqrt(left->squares * ((double)left->count - 1) / (double)left->count);
}

static void cn__estimate(const cn__mean *m, cn_est *e) {
    e->value = m->value;
    e->error = cn__mean_error(m);
    e->probes = m->count;
}

static void cn__no_estimate(cn_est *e) {
    e->value = e->error = 0;
    e->probes = 0;
    e->exact = 0;
}

/* No estimate that is not finite is an answer (its squares may overflow where its mean does not), nor is a part of a
   sweep. */
static int cn__settle(cn_ctx *c, const char *what, int status, cn_est *e) {
    int finite = cn__finite(e->value) && cn__finite(e->error);
    if (status == CN_OK && !finite)
        return cn__fail(c, CN_E_NUMERIC, "%s: %g, error %g: the numbers it is made of are not finite or too large",
                        what, e->value, e->error);
    if (status == CN_OK) return CN_OK;
    e->exact = 0;
    if (!e->probes || !finite) cn__no_estimate(e);
    return status;
}

/* May CN_METHOD_AUTO spend so many products on an exact result? */
static int cn__affords(const cn_probe_desc *d, size_t products) {
    return products <= (d->probes ? d->probes : CN__MOST_DENSE);
}

/* Those that the matrix of an operator takes */
static size_t cn__dense_products(const cn_op *a) { return a->dense ? a->dense_products : a->info.size; }

static int cn__enough(const cn_probe_desc *d, size_t probes, double value, double error) {
    return d->rel_error > 0 && probes >= 16 && error <= d->rel_error * fabs(value);
}

/* a bit for each that serves */
static int cn__check_probes(cn_ctx *c, const char *what, const cn_probe_desc *d, unsigned methods) {
    if (d->method < CN_METHOD_AUTO || d->method > CN_METHOD_POWER || !(methods >> d->method & 1))
        return cn__fail(c, CN_E_ARGUMENT, "%s: %d is not a method for it", what, d->method);
    if (d->kind != 0 && d->kind != CN_NOISE_SIGN && d->kind != CN_NOISE_NORMAL)
        return cn__fail(c, CN_E_ARGUMENT, "%s: probes are CN_NOISE_SIGN or CN_NOISE_NORMAL, not %d", what, d->kind);
    if (!(d->rel_error >= 0) || !cn__finite(d->rel_error))
        return cn__fail(c, CN_E_ARGUMENT, "%s: rel_error %g is negative or not finite", what, d->rel_error);
    return CN_OK;
}

static void cn__probe(const cn_probe_desc *d, int purpose, size_t number, size_t n, cn_real *x) {
    cn_random(d->seed, cn_stream(purpose, number), 0, d->kind == CN_NOISE_NORMAL ? CN_NOISE_NORMAL : CN_NOISE_SIGN, 1,
              n, x);
}

/* The trace of a form: exact by a sweep, or Hutchinson 1990 from probe `first` on, of vectors from which the rows q
   were removed, on top of `base`, which took `spent` products. */
static int cn__trace_form(cn__ws *w, const char *what, cn_op *a, cn_op *b, const cn_probe_desc *d, int exact,
                          size_t first, size_t most, size_t rows, const cn_real *q, double base, size_t spent,
                          cn_est *e) {
    size_t n = a->info.size, total = exact ? n : most, mark, done = 0, j, k,
           group = CN__MIN(total, exact && (!b || b->wide) ? cn__most(a) : CN__GROUP);
    int status, isa = cn__isa(w->ctx);
    cn_real *x = CN__TAKE(w, cn_real, cn__times(group, n));
    double *value = CN__TAKE(w, double, group), sum = 0;
    cn__mean mean;
    memset(&mean, 0, sizeof mean);
    mark = w->at;
    if (!w->base) return cn__form(w, a, b, group, NULL, NULL);
    while (done < total) {
        k = CN__MIN(group, total - done);
        if (exact) cn__units(n, done, k, x);
        for (j = 0; !exact && j < k; j++) cn__probe(d, CN_FOR_PROBES, first + done + j, n, x + j * n);
        if (!exact) cn__project_out(isa, rows, n, q, k, x, NULL, NULL, 0);
        status = cn__form(w, a, b, k, x, value);
        w->at = mark;
        if (status) return status;
        for (j = 0; j < k; j++) {
            cn__mean_add(&mean, value[j]);
            sum += value[j];
        }
        done += k;
        if (exact)
            e->value = sum;
        else
            cn__estimate(&mean, e);
        e->value += base;
        e->probes += exact ? 0 : spent;
        e->exact = exact && done == n;
        if (!exact && cn__enough(d, done, e->value, e->error)) break;
        if ((status = cn__report(w->ctx, what, (double)(spent + done), (double)(spent + total), e->value, e->error)) !=
            CN_OK)
            return status;
    }
    return CN_OK;
}

/* Hutch++ [Meyer, Musco, Musco, Woodruff 2021]: a third of the products finds the range Q of A, a third its trace there
   exactly, the rest is Hutchinson's outside, whose error is that of the sum. */
static int cn__trace_hutchpp(cn__ws *w, cn_op *a, const cn_probe_desc *d, size_t most, cn_est *e) {
    size_t n = a->info.size, sketch = most / 3, j;
    int status, isa = cn__isa(w->ctx);
    cn_real *x = CN__TAKE(w, cn_real, cn__times(sketch, n)), *q = CN__TAKE(w, cn_real, cn__times(sketch, n));
    double *value = CN__TAKE(w, double, sketch), base = 0;
    for (j = 0; w->base && j < sketch; j++) cn__probe(d, CN_FOR_PROBES, j, n, x + j * n);
    if ((status = cn__op_apply(w, a, sketch, x, q)) != CN_OK) return status;
    if (w->base) cn__orthonormal(isa, 0, sketch, n, q, &d->seed, NULL, NULL, 0);
    if ((status = cn__op_quadratic(w, a, sketch, q, value)) != CN_OK) return status;
    for (j = 0; w->base && j < sketch; j++) base += value[j];
    return cn__trace_form(w, "trace", a, NULL, d, 0, sketch, most - 2 * sketch, sketch, q, base, 2 * sketch, e);
}

/* XTrace [Epperly, Tropp, Webber 2024]: every probe o_i is both sketch and test. With Y = A O = Q R, the basis without
   y_i is Q but for the direction s_i, R's_i along e_i; estimate number i is the trace of A on that basis plus u'Au, u =
   o_i outside of it. Q'A O = R, so r, w = O'Q, t = O'A Q and h = Q'A Q hold all that is needed. The estimates share
   their probes; so the error is the jackknife's over XTraces that leave a probe out, which errs on the large side
   [Efron, Stein 1981]. */
typedef struct cn__xtrace {
    size_t n, m, most;
    cn_real *o, *q, *z;
    double *r, *w, *t, *h, *s, *hs, *hw, *length, *form;
} cn__xtrace;

/* Estimate number j on the basis without directions s_j and, unless i == j, s_i: u = o_j - Q c, c = w_j - a s_j - b
   s_i. Here rows, not columns. */
static double cn__xtrace_pair(const cn__xtrace *x, double trace, size_t j, size_t i, int normal) {
    size_t M = x->most, m = x->m, l;
    double d = 0, e = 0, f = 0, a, b = 0, c, jj = 0, ij = 0, ii = 0, left = x->length[j], sum = x->form[j], rest;
    const double *w = x->w + j * M, *hw = x->hw + j * M, *sj = x->s + j * M, *si = x->s + i * M, *hj = x->hs + j * M,
                 *hi = x->hs + i * M;
    for (l = 0; l < m; l++) {
        d += sj[l] * si[l];
        e += sj[l] * w[l];
        f += si[l] * w[l];
        jj += sj[l] * hj[l];
        ij += si[l] * hj[l];
        ii += si[l] * hi[l];
    }
    rest = CN__MAX(1 - d * d, 1e-12);
    if (i != j) b = (f - d * e) / rest;
    a = e - d * b;
    for (l = 0; l < m; l++) {
        c = w[l] - a * sj[l] - b * si[l];
        left -= c * c;
        /* c'Hc less what is between o and Q c, both ways */
        sum += c * (hw[l] - a * hj[l] - b * hi[l] - x->t[j * M + l] - x->r[l * M + j]);
    }
    /* only a normal probe's direction counts: smaller variance */
    if (normal && left > 0) sum *= (double)(x->n - m + (i == j ? 1 : 2)) / left;
    trace -= jj;
    if (i != j) trace -= (ii - 2 * d * ij + d * d * jj) / rest;
    return trace + sum;
}

static void cn__xtrace_estimate(const cn__xtrace *x, int normal, cn_est *e) {
    size_t m = x->m, M = x->most, i, j, l;
    double floor = 0, trace = 0, norm;
    cn__mean mean, left, jackknife;
    for (i = 0; i < m; i++) {
        floor = CN__MAX(floor, fabs(x->r[i * M + i]));
        trace += x->h[i * M + i];
    }
    floor = floor > 0 ? CN__EPS * floor : 1;
    for (i = 0; i < m; i++) { /* R's = e_i by forward substitution, then ||s|| = 1 */
        double *s = x->s + i * M;
        for (norm = 0, j = 0; j < m; j++) {
            double pivot = x->r[j * M + j], v = j == i;
            for (l = i; l < j; l++) v -= x->r[l * M + j] * s[l];
            s[j] = j < i ? 0 : v / (fabs(pivot) > floor ? pivot : floor);
            norm += s[j] * s[j];
        }
        for (j = i; j < m; j++) s[j] /= sqrt(norm);
    }
    /* all that forms see */
    for (i = 0; i < m; i++)
        for (j = 0; j < i; j++) x->h[i * M + j] = x->h[j * M + i] = 0.5 * (x->h[i * M + j] + x->h[j * M + i]);
    for (i = 0; i < m; i++) {
        for (j = 0; j < m; j++) x->hs[i * M + j] = x->hw[i * M + j] = 0;
        for (l = 0; l < m; l++)
            for (j = 0; j < m; j++) {
                x->hs[i * M + j] += x->h[l * M + j] * x->s[i * M + l];
                x->hw[i * M + j] += x->h[l * M + j] * x->w[i * M + l];
            }
    }
    memset(&mean, 0, sizeof mean);
    memset(&jackknife, 0, sizeof jackknife);
    for (j = 0; j < m; j++) cn__mean_add(&mean, cn__xtrace_pair(x, trace, j, j, normal));
    for (i = 0; i < m && m > 1; i++) {
        memset(&left, 0, sizeof left);
        for (j = 0; j < m; j++)
            if (j != i) cn__mean_add(&left, cn__xtrace_pair(x, trace, j, i, normal));
        cn__mean_add(&jackknife, left.value);
    }
    e->value = mean.value;
    e->error = m > 1 ? sqrt(jackknife.squares) : fabs(mean.value);
}

static int cn__trace_xtrace(cn__ws *w, cn_op *a, const cn_probe_desc *d, size_t most, cn_est *e) {
    size_t n = a->info.size, M = most / 2, square = cn__times(M, M), m, i, j;
    int status, isa = cn__isa(w->ctx);
    cn__xtrace x;
    x.n = n;
    x.most = M;
    x.m = 0;
    x.o = CN__TAKE(w, cn_real, cn__times(M, n));
    x.q = CN__TAKE(w, cn_real, cn__times(M, n));
    x.z = CN__TAKE(w, cn_real, cn__times(M, n));
    x.r = CN__TAKE(w, double, square);
    x.w = CN__TAKE(w, double, square);
    x.t = CN__TAKE(w, double, square);
    x.h = CN__TAKE(w, double, square);
    x.s = CN__TAKE(w, double, square);
    x.hs = CN__TAKE(w, double, square);
    x.hw = CN__TAKE(w, double, square);
    x.length = CN__TAKE(w, double, M);
    x.form = CN__TAKE(w, double, M);
    if (!w->base) return cn__run(w, a, CN__MIN(M, CN__GROUP), NULL, NULL);
    memset(x.r, 0, square * sizeof *x.r);
    while (x.m < M) {
        m = x.m;
        x.m = CN__MIN(M, m + CN__GROUP);
        for (j = m; j < x.m; j++) cn__probe(d, CN_FOR_PROBES, j, n, x.o + j * n);
        if ((status = cn__run(w, a, x.m - m, x.o + m * n, x.q + m * n)) != CN_OK) return status;
        for (j = m; j < x.m; j++) {
            x.length[j] = cn__dot(isa, n, x.o + j * n, x.o + j * n);
            x.form[j] = cn__dot(isa, n, x.o + j * n, x.q + j * n);
        }
        cn__orthonormal(isa, m, x.m - m, n, x.q, &d->seed, x.hw, x.hs, M); /* hw, hs: scratch as yet */
        for (j = m; j < x.m; j++) {
            x.r[j * M + j] = x.hw[j - m];
            for (i = 0; i < j; i++) x.r[i * M + j] = x.hs[(j - m) * M + i];
        }
        if ((status = cn__run(w, a, x.m - m, x.q + m * n, x.z + m * n)) != CN_OK) return status;
        for (i = 0; i < x.m; i++)
            for (j = i < m ? m : 0; j < x.m; j++) { /* only where one of both is new */
                x.w[i * M + j] = cn__dot(isa, n, x.o + i * n, x.q + j * n);
                x.t[i * M + j] = cn__dot(isa, n, x.o + i * n, x.z + j * n);
                x.h[i * M + j] = cn__dot(isa, n, x.q + i * n, x.z + j * n);
            }
        if (x.m < M && d->rel_error == 0 && !w->ctx->progress) continue;
        cn__xtrace_estimate(&x, d->kind == CN_NOISE_NORMAL, e);
        e->probes = 2 * x.m;
        if (cn__enough(d, e->probes, e->value, e->error)) break;
        if ((status = cn__report(w->ctx, "trace", (double)e->probes, (double)(2 * M), e->value, e->error)) != CN_OK)
            return status;
    }
    return CN_OK;
}

/* ---- trace and tr(AB) */

static int cn__inner_diagonals(cn__ws *w, cn_op *a, cn_op *b, double *out) {
    size_t n = a->info.size, mark;
    int status, isa = cn__isa(w->ctx);
    cn_real *x = CN__TAKE(w, cn_real, n), *y = CN__TAKE(w, cn_real, n);
    mark = w->at;
    if ((status = a->diagonal(w, a, x)) != CN_OK) return status;
    w->at = mark;
    status = b->diagonal(w, b, y);
    if (status == CN_OK && w->base) *out = cn__dot(isa, n, x, y);
    return status;
}

/* By way of both matrices, which have forms that cost less than products. */
static int cn__inner_dense(cn__ws *w, cn_op *a, cn_op *b, double *out) {
    size_t n = a->info.size;
    int status, isa = cn__isa(w->ctx);
    cn_real *x = CN__TAKE(w, cn_real, n * n), *y = a == b ? x : CN__TAKE(w, cn_real, n * n);
    if ((status = cn__op_dense(w, a, x)) != CN_OK || (a != b && (status = cn__op_dense(w, b, y)) != CN_OK))
        return status;
    if (w->base) *out = cn__dot(isa, n * n, x, y);
    return CN_OK;
}

static int cn__traced(cn__ws *w, cn_op *a, cn_op *b, const cn_probe_desc *d, cn_est *e) /* b NULL: tr A */
{
    const char *what = b ? "inner product" : "trace";
    cn_op *rows = b ? cn__fewest_rows(a, b) : NULL;
    size_t n = a->info.size, most = d->probes ? d->probes : 100, least = rows ? rows->info.rows : n, matrices;
    int status, diagonals, dense, exact;
    if ((status = cn__check_probes(w->ctx, what, d, (2u << (b ? CN_METHOD_HUTCHINSON : CN_METHOD_XTRACE)) - 1)) !=
        CN_OK)
        return status;
    if (b && (status = cn__same_size("inner product: operators of", a, b)) != CN_OK) return status;
    if (b && a != b && !a->info.symmetric)
        return cn__fail(w->ctx, CN_E_UNSUITED, "inner product: the first operator is not symmetric");
    memset(e, 0, sizeof *e);
    e->convention = a->info.convention;
    diagonals = b && cn__by_diagonals(a, b);
    dense = b && n <= CN__MOST_DENSE && a->dense && b->dense && least > n / 16;
    matrices = dense ? CN__MAX(a->dense_products, b->dense_products) : 0;
    if (d->method == CN_METHOD_AUTO && !cn__affords(d, matrices)) dense = 0;
    if (b)
        least = diagonals ? 0 : dense ? matrices : least;
    else if (a->trace)
        least = a->trace_products;
    /* beyond AUTO: a sweep is cheaper */
    exact = d->method == CN_METHOD_EXACT || (d->method == CN_METHOD_AUTO && cn__affords(d, least)) ||
            (d->method > CN_METHOD_HUTCHINSON && most >= n);
    if (exact && (b ? diagonals || dense || rows : a->trace != NULL)) {
        status = diagonals ? cn__inner_diagonals(w, a, b, &e->value)
                 : dense   ? cn__inner_dense(w, a, b, &e->value)
                 : b       ? cn__trace_rows(w, what, rows, rows == a ? b : a, &e->value)
                           : a->trace(w, a, &e->value);
        e->exact = status == CN_OK;
    } else if (!exact && d->method == CN_METHOD_HUTCHPP)
        status = cn__trace_hutchpp(w, a, d, most, e);
    else if (!exact && d->method == CN_METHOD_XTRACE && most > 1)
        status = cn__trace_xtrace(w, a, d, most, e);
    else
        status = cn__trace_form(w, what, a, b, d, exact, 0, most, 0, NULL, 0, 0, e);
    return cn__settle(w->ctx, what, status, e);
}

static int cn__trace(cn__ws *w, cn_op *a, const cn_probe_desc *d, cn_est *e) { return cn__traced(w, a, NULL, d, e); }

CN_API cn_est cn_trace(cn_op *a, const cn_probe_desc *d) {
    CN__ANSWER(cn_est, cn_probe_desc, a, cn__trace(&w, a, d ? d : &zero, &r));
}

CN_API cn_est cn_inner(cn_op *a, cn_op *b, const cn_probe_desc *d) {
    CN__ANSWER(cn_est, cn_probe_desc, b ? a : NULL, cn__traced(&w, a, b, d ? d : &zero, &r));
}

/* ---- diagonal */

/* By a sweep or by probes, as cn__trace_form. */
static int cn__diagonal_form(cn__ws *w, cn_op *a, const cn_probe_desc *d, int exact, cn_real *out, cn_est *e) {
    size_t n = a->info.size,
           total = exact       ? n
                   : d->probes ? d->probes
                               : 100,
           group = exact ? CN__MIN(n, CN__GROUP) : 1, done = 0, i, k;
    int status;
    double largest;
    cn_real *x = CN__TAKE(w, cn_real, cn__times(group, n)), *y = CN__TAKE(w, cn_real, cn__times(group, n));
    cn__mean *mean = exact ? NULL : CN__TAKE(w, cn__mean, n);
    if (!w->base) return cn__run(w, a, group, NULL, NULL);
    if (!exact) memset(mean, 0, n * sizeof *mean);
    while (done < total) {
        k = CN__MIN(group, total - done);
        if (exact)
            cn__units(n, done, k, x);
        else
            cn_random(d->seed, cn_stream(CN_FOR_PROBES, done), 0, CN_NOISE_SIGN, 1, n, x);
        if ((status = cn__run(w, a, k, x, y)) != CN_OK) return status;
        for (i = 0; exact && i < k; i++) out[done + i] = y[i * n + done + i];
        done += k;
        for (largest = e->error = 0, i = 0; !exact && i < n; i++) {
            cn__mean_add(mean + i, (double)x[i] * (double)y[i]);
            e->error = CN__MAX(e->error, cn__mean_error(mean + i));
            largest = CN__MAX(largest, fabs(mean[i].value));
            out[i] = (cn_real)mean[i].value;
        }
        if (!exact) e->probes = done;
        if (!exact && cn__enough(d, done, largest, e->error)) break;
        if ((status = cn__report(w->ctx, "diagonal", (double)done, (double)total, 0, e->error)) != CN_OK) return status;
    }
    return CN_OK;
}

static int cn__diagonal(cn__ws *w, cn_op *a, const cn_probe_desc *d, cn_real *out, cn_est *e) {
    int status, exact = d->method == CN_METHOD_EXACT ||
                        (d->method == CN_METHOD_AUTO && (a->diagonal || cn__affords(d, a->info.size)));
    size_t i;
    memset(e, 0, sizeof *e);
    e->convention = a->info.convention;
    if ((status = cn__check_probes(w->ctx, "diagonal", d, (2u << CN_METHOD_HUTCHINSON) - 1)) != CN_OK) return status;
    if (w->base) memset(out, 0, a->info.size * sizeof *out); /* what a cancelled call did not reach */
    status = exact && a->diagonal ? a->diagonal(w, a, out) : cn__diagonal_form(w, a, d, exact, out, e);
    e->exact = exact && status == CN_OK;
    for (i = 0; w->base && i < a->info.size; i++) e->value += (double)out[i];
    return cn__settle(w->ctx, "diagonal", status, e);
}

CN_API cn_est cn_diagonal(cn_op *a, const cn_probe_desc *d, cn_real *out) {
    CN__ANSWER(cn_est, cn_probe_desc, a,
               out ? cn__diagonal(&w, a, d ? d : &zero, out, &r)
                   : cn__fail(a->ctx, CN_E_ARGUMENT, "diagonal: out is missing"));
}

/* ---- conjugate gradients */

static int cn__check_solve(cn_ctx *c, const cn_op *a, double ridge, double tolerance) {
    if (!a->info.symmetric) return cn__fail(c, CN_E_UNSUITED, "solve: the operator is not symmetric");
    return cn__finite(ridge) && tolerance >= 0 && cn__finite(tolerance)
               ? CN_OK
               : cn__fail(c, CN_E_ARGUMENT, "solve: ridge %g or tolerance %g makes no sense", ridge, tolerance);
}

static int cn__solve(cn__ws *w, cn_op *a, double ridge, double tolerance, size_t most, const cn_real *diag,
                     const cn_real *b, cn_real *x, cn_iter *out) {
    size_t n = a->info.size, i;
    int status, stopped = CN_OK, isa = cn__isa(w->ctx);
    cn_real *r, *z, *p, *q, *sum;
    double size, rz, next, pq;
    memset(out, 0, sizeof *out);
    out->convention = a->info.convention;
    if ((status = cn__check_solve(w->ctx, a, ridge, tolerance)) != CN_OK) return status;
    r = CN__TAKE(w, cn_real, n);
    z = CN__TAKE(w, cn_real, n);
    p = CN__TAKE(w, cn_real, n);
    q = CN__TAKE(w, cn_real, n);
    sum = CN__TAKE(w, cn_real, n);
    if (tolerance == 0) tolerance = CN__DOUBLE ? 1e-10 : 1e-5;
    if (!most) most = cn__plus(cn__times(10, n), 50);
    if (!w->base) return cn__run(w, a, 1, NULL, NULL);
    for (i = 0; diag && i < n; i++)
        if (!cn__finite((double)diag[i]) || !((double)diag[i] + ridge > 0))
            return cn__fail(w->ctx, CN_E_NUMERIC, "solve: diag[%z] + ridge is %g; it must be above 0", i,
                            (double)diag[i] + ridge);
    memset(sum, 0, n * sizeof *sum);
    memset(p, 0, n * sizeof *p);
    size = cn__norm(isa, n, b);
    if (!cn__finite(size)) return cn__fail(w->ctx, CN_E_DATA, "solve: b is not finite");
    /* so that its squares stay in range */
    for (i = 0; i < n; i++) r[i] = size > 0 ? (cn_real)((double)b[i] / size) : 0;
    for (rz = 0; out->iterations < most && sqrt(cn__dot(isa, n, r, r)) > tolerance; out->iterations++) {
        for (i = 0; i < n; i++) z[i] = diag ? (cn_real)((double)r[i] / ((double)diag[i] + ridge)) : r[i];
        next = cn__dot(isa, n, r, z);
        cn__axpby(isa, n, 1, z, rz > 0 ? next / rz : 0, p);
        rz = next;
        if ((status = cn__run(w, a, 1, p, q)) != CN_OK) return status;
        cn__axpy(isa, n, ridge, p, q);
        pq = cn__dot(isa, n, p, q);
        if (!(pq > 0) || !cn__finite(pq))
            return cn__fail(w->ctx, CN_E_NUMERIC,
                            "solve: after %z steps p'(A + ridge)p is %g: the operator is not positive definite; a "
                            "larger ridge may help",
                            out->iterations, pq);
        cn__axpy(isa, n, rz / pq, p, sum);
        cn__axpy(isa, n, -rz / pq, q, r);
        if ((stopped = cn__report(w->ctx, "solve", (double)out->iterations + 1, (double)most,
                                  size * sqrt(cn__dot(isa, n, r, r)), 0)) != CN_OK)
            break;
    }
    for (i = 0; i < n; i++) sum[i] = (cn_real)((double)sum[i] * size);
    if ((status = cn__run(w, a, 1, sum, q)) != CN_OK) return status;
    cn__axpy(isa, n, ridge, sum, q);
    cn__axpby(isa, n, 1, b, -1, q);
    out->residual = size > 0 ? cn__norm(isa, n, q) / size : 0;
    if (!cn__finite(out->residual) || cn__first_not_finite(n, sum) < n)
        return cn__fail(w->ctx, CN_E_NUMERIC, "solve: after %z steps the solution is too large for its numbers",
                        out->iterations);
    memcpy(x, sum, n * sizeof *x);
    out->converged = out->residual <= 2 * tolerance; /* the recursion's residual and the true one part by rounding */
    return stopped;
}

CN_API cn_iter cn_solve(cn_op *a, double ridge, double tolerance, size_t most, const cn_real *diag, const cn_real *b,
                        cn_real *x) {
    CN__RESULT(cn_iter, a,
               b && x ? cn__solve(&w, a, ridge, tolerance, most, diag, b, x, &r)
                      : cn__fail(a->ctx, CN_E_ARGUMENT, "solve: b or x is missing"));
}

typedef struct cn__inverted {
    cn_op *left;
    double ridge, tolerance;
    size_t most;
    const cn_real *diag;
} cn__inverted;

static int cn__op_inverse_run(cn__ws *w, cn_op *a, size_t k, const cn_real *x, cn_real *y) {
    const cn__inverted *s = (const cn__inverted *)a->data;
    size_t n = a->info.size, j, mark = w->at;
    int status = CN_OK;
    cn_iter r;
    if (!w->base) return cn__solve(w, s->left, s->ridge, s->tolerance, s->most, s->diag, NULL, NULL, &r);
    for (j = 0; j < k && status == CN_OK; j++, w->at = mark) {
        status = cn__solve(w, s->left, s->ridge, s->tolerance, s->most, s->diag, x + j * n, y + j * n, &r);
        if (status == CN_OK && !r.converged)
            status = cn__fail(w->ctx, CN_E_NUMERIC,
                              "operator inverse: conjugate gradients stand at a residual of %g after %z steps; more "
                              "steps, a larger ridge or tolerance may help",
                              r.residual, r.iterations);
    }
    return status;
}

CN_API cn_op *cn_op_inverse(cn_op *a, double ridge, double tolerance, size_t most, const cn_real *diag) {
    cn_op made;
    cn__inverted data;
    if (!a) return NULL;
    cn__start_op(&made, a->ctx, a->info.size, "the inverse of an operator plus a ridge");
    memset(&data, 0, sizeof data);
    made.run = cn__op_inverse_run;
    data.left = a;
    data.ridge = ridge;
    data.tolerance = tolerance;
    data.most = most;
    data.diag = diag;
    made.info.positive = 1; /* or conjugate gradients refuse */
    return cn__new_op(&made, &data, sizeof data, cn__check_solve(a->ctx, a, ridge, tolerance));
}

/* ---- eigenpairs: block Lanczos with full reorthogonalisation, sums in double, thick restarts [Wu, Simon 2000] */

typedef struct cn__krylov {
    /* rows: basis vectors; steps: how many of them have been multiplied by A; last: of these, in the last step */
    cn_op *a;
    int isa;
    size_t n, locked, block, most, steps, rows, last, wide;
    uint64_t seed;
    /* q: the locked rows, then the basis; t [most][most] = Q A Q'; r [block][block]: of A's products outside the basis;
       along [block][wide], left [block]: of the last step's products; Ritz pairs */
    cn_real *q, *panel;
    double *t, *r, *along, *left, *value, *z, *work;
} cn__krylov;

#define CN__PANEL 256

static cn_real *cn__krylov_row(const cn__krylov *k, size_t i) { return k->q + (k->locked + i) * k->n; }

/* One step: multiplies the rows that were not yet, in one product of the operator, and finds as many new ones as there
   is room for. */
static int cn__krylov_step(cn__ws *w, cn__krylov *k) {
    size_t m = k->rows - k->steps, before = k->locked + k->rows, fresh = CN__MIN(m, k->n - before), i, j;
    int status;
    if ((status = cn__run(w, k->a, m, cn__krylov_row(k, k->steps), cn__krylov_row(k, k->rows))) != CN_OK) return status;
    cn__orthonormal(k->isa, before, m, k->n, k->q, &k->seed, k->left, k->along, k->wide);
    memset(k->r, 0, k->block * k->block * sizeof *k->r);
    for (j = 0; j < m; j++) {
        const double *along = k->along + j * k->wide;
        size_t column = k->steps + j;
        if (!cn__finite(k->left[j])) return cn__fail(w->ctx, CN_E_NUMERIC, "eigs: a product is not finite");
        for (i = 0; i < k->rows; i++) k->t[i * k->most + column] = k->t[column * k->most + i] = along[k->locked + i];
        for (i = 0; i < CN__MIN(j, fresh); i++) k->r[i * k->block + j] = along[before + i];
        if (j < fresh) k->r[j * k->block + j] = k->left[j];
    }
    k->steps = k->rows;
    k->rows += fresh;
    k->last = m;
    return CN_OK;
}

static int cn__krylov_ritz(cn__ws *w, cn__krylov *k) /* value [steps] descending, z [steps][steps] rows */
{
    size_t i, mark = w->at;
    int status;
    for (i = 0; w->base && i < k->steps; i++)
        memcpy(k->work + i * k->steps, k->t + i * k->most, k->steps * sizeof *k->t);
    status = cn__eigen_small(w, k->isa, 1, k->steps, k->work, k->value, k->z);
    w->at = mark;
    return status ? cn__fail(w->ctx, CN_E_NUMERIC, "eigs: the small eigenproblem did not converge") : CN_OK;
}

static double cn__krylov_residual(const cn__krylov *k, size_t i) /* of Ritz pair i, without a product */
{
    const double *tail = k->z + i * k->steps + k->steps - k->last;
    size_t f, j;
    double norm = 0, sum;
    for (f = 0; f < k->block; f++) {
        for (sum = 0, j = 0; j < k->last; j++) sum += k->r[f * k->block + j] * tail[j];
        norm = hypot(norm, sum); /* squares might underflow */
    }
    return norm;
}

/* of wanted value i among the Ritz values */
static size_t cn__place(size_t i, size_t top, size_t steps) { return i < top ? i : steps - 1 - (i - top); }

/* part of Ritz vector i */
static void cn__krylov_vector(const cn__krylov *k, size_t i, size_t from, size_t length, cn_real *v) {
    size_t j;
    memset(v, 0, length * sizeof *v);
    for (j = 0; j < k->steps; j++) cn__axpy(k->isa, length, k->z[i * k->steps + j], cn__krylov_row(k, j) + from, v);
}

/* Keeps `top` Ritz vectors of the upper end and `bottom` of the lower one, and the rows not yet multiplied. */
static void cn__krylov_restart(cn__krylov *k, size_t top, size_t bottom) {
    size_t keep = top + bottom, pending = k->rows - k->steps, from, length, i;
    for (from = 0; from < k->n; from += length) {
        length = CN__MIN(CN__PANEL, k->n - from);
        for (i = 0; i < keep; i++)
            cn__krylov_vector(k, cn__place(i, top, k->steps), from, length, k->panel + i * CN__PANEL);
        for (i = 0; i < keep; i++)
            memcpy(cn__krylov_row(k, i) + from, k->panel + i * CN__PANEL, length * sizeof *k->panel);
    }
    memmove(cn__krylov_row(k, keep), cn__krylov_row(k, k->steps), pending * k->n * sizeof *k->q);
    for (i = 0; i < keep; i++) {
        memset(k->t + i * k->most, 0, keep * sizeof *k->t);
        k->t[i * k->most + i] = k->value[cn__place(i, top, k->steps)];
    }
    k->steps = keep;
    k->rows = keep + pending;
    /* what restarts would add up */
    cn__orthonormal(k->isa, k->locked, k->rows, k->n, k->q, &k->seed, NULL, NULL, 0);
}

static int cn__eigs_lanczos(cn__ws *w, cn_op *a, const cn_eigs_desc *d, double *value, cn_real *v, double *largest,
                            cn_iter *out) {
    size_t want = d->top + d->bottom, i, extra, check = 0, square;
    int status, looked = 0;
    double worst, moved;
    cn__krylov k;
    memset(&k, 0, sizeof k);
    k.a = a;
    k.isa = cn__isa(w->ctx);
    k.n = a->info.size;
    k.locked = d->deflated;
    k.seed = d->seed;
    k.block = d->block_size;
    k.most = d->basis;
    square = cn__times(k.most, k.most);
    k.wide = cn__plus(cn__plus(k.locked, k.most), k.block);
    k.q = CN__TAKE(w, cn_real, cn__times(k.wide, k.n));
    k.panel = CN__TAKE(w, cn_real, cn__times(k.most, CN__PANEL));
    k.t = CN__TAKE(w, double, square);
    k.z = CN__TAKE(w, double, square);
    k.work = CN__TAKE(w, double, square);
    k.r = CN__TAKE(w, double, k.block *k.block);
    k.along = CN__TAKE(w, double, cn__times(k.block, k.wide));
    k.left = CN__TAKE(w, double, k.block);
    k.value = CN__TAKE(w, double, k.most);
    if (!w->base) {
        k.steps = CN__MIN(k.most, (size_t)CN__TINY);
        cn__krylov_ritz(w, &k); /* small ones want more */
        k.steps = k.most;
        cn__krylov_ritz(w, &k);
        return cn__run(w, a, k.block, NULL, NULL);
    }
    if (d->deflated) memcpy(k.q, d->deflate, d->deflated * k.n * sizeof *k.q);
    for (k.rows = 0; k.rows < k.block; k.rows++)
        cn_random(d->seed, cn_stream(CN_FOR_STARTS, k.rows), 0, CN_NOISE_NORMAL, 1, k.n, cn__krylov_row(&k, k.rows));
    cn__orthonormal(k.isa, k.locked, k.block, k.n, k.q, &k.seed, NULL, NULL, 0);
    for (;;) {
        if (k.rows > k.most) { /* the basis is full */
            extra = (k.most - want - k.block) / 2;
            cn__krylov_restart(&k, d->top + extra * d->top / want, d->bottom + extra - extra * d->top / want);
            check = 0;
        }
        i = k.rows - k.steps;
        /* its vectors are half made */
        if ((status = cn__krylov_step(w, &k)) != CN_OK) {
            *largest = -1;
            return status;
        }
        out->iterations += i;
        if (k.steps < want ||
            (k.steps < check && k.rows > k.steps && k.rows <= k.most && out->iterations < d->products))
            continue;
        if ((status = cn__krylov_ritz(w, &k)) != CN_OK) return status;
        for (worst = moved = 0, i = 0; i < want; i++) {
            double now = k.value[cn__place(i, d->top, k.steps)];
            worst = CN__MAX(worst, cn__krylov_residual(&k, cn__place(i, d->top, k.steps)));
            if (looked) moved = CN__MAX(moved, fabs(now - value[i]));
            value[i] = now;
        }
        *largest = CN__MAX(*largest, CN__MAX(fabs(k.value[0]), fabs(k.value[k.steps - 1])));
        check = k.steps + CN__MAX(4, k.steps / 6); /* small eigenproblems cost too */
        status = cn__report(w->ctx, "eigenvalues", (double)out->iterations, (double)d->products, k.value[0], worst);
        if (status || k.rows == k.steps || out->iterations >= d->products) break;
        /* a small residual makes it an eigenvalue, not yet the wanted one: it must also have stayed since the last
           look */
        if (looked && CN__MAX(10 * worst, moved) <= d->tolerance * *largest) break;
        looked = 1;
    }
    for (i = 0; i < want; i++) {
        cn__krylov_vector(&k, cn__place(i, d->top, k.steps), 0, k.n, v + i * k.n);
        cn__normalise(k.isa, k.n, v + i * k.n);
    }
    return status;
}

/* Dense; or, of R'R with fewer rows than columns, by way of R R': v = R'u/||R'u||. */
static int cn__eigs_exact(cn__ws *w, cn_op *a, const cn_eigs_desc *d, int gram, double *value, cn_real *v,
                          double *largest, cn_iter *out) {
    size_t n = a->info.size, m = gram ? a->info.rows : n, want = d->top + d->bottom, rows = d->bottom ? m : d->top,
           mark, i;
    int status, isa = cn__isa(w->ctx);
    cn_real *dense = CN__TAKE(w, cn_real, cn__times(m, m)), *u = CN__TAKE(w, cn_real, cn__times(rows, m));
    double *all = CN__TAKE(w, double, m);
    mark = w->at;
    status = gram ? a->gram(w, a, dense) : cn__op_dense(w, a, dense);
    w->at = mark;
    if (status != CN_OK) return status;
    status = cn__eigen(w, isa, m, dense, d->bottom ? 0 : rows, 0, all, u, NULL);
    w->at = mark;
    if (status != CN_OK) return cn__fail(w->ctx, CN_E_NUMERIC, "eigs: a product is not finite");
    if (gram && (status = cn__in_groups(w, a, a->spread, m, want, u, v)) != CN_OK) return status;
    out->iterations = gram ? 0 : n;
    for (i = 0; w->base && i < want; i++) {
        value[i] = all[cn__place(i, d->top, m)];
        if (!gram) memcpy(v + i * n, u + cn__place(i, d->top, m) * n, n * sizeof *v);
    }
    /* those of eigenvalue 0 are any orthogonal ones */
    if (gram && w->base) cn__orthonormal(isa, 0, want, n, v, &d->seed, NULL, NULL, 0);
    if (w->base) *largest = CN__MAX(fabs(all[0]), fabs(all[m - 1]));
    return CN_OK;
}

static int cn__eigs_power(cn__ws *w, cn_op *a, const cn_eigs_desc *d, double *value, cn_real *v, double *largest,
                          cn_iter *out) {
    size_t n = a->info.size;
    int status = CN_OK, isa = cn__isa(w->ctx);
    cn_real *y = CN__TAKE(w, cn_real, n);
    double left;
    if (!w->base) return cn__run(w, a, 1, NULL, NULL);
    cn_random(d->seed, cn_stream(CN_FOR_STARTS, 0), 0, CN_NOISE_NORMAL, 1, n, y);
    do {
        memcpy(v, y, n * sizeof *v);
        if (cn__normalise(isa, n, v) == 0) break;         /* A v = 0: the operator is 0 */
        if ((status = cn__run(w, a, 1, v, y)) != CN_OK) { /* v and its value are of different steps */
            *largest = -1;
            return status;
        }
        *value = cn__dot(isa, n, v, y);
        if (!cn__finite(*value)) return cn__fail(w->ctx, CN_E_NUMERIC, "eigs: a product is not finite");
        cn__axpy(isa, n, -*value, v, y);
        left = cn__norm(isa, n, y);
        cn__axpy(isa, n, *value, v, y);
        *largest = fabs(*value);
        out->iterations++;
        status = cn__report(w->ctx, "eigenvalues", (double)out->iterations, (double)d->products, *value, left);
    } while (status == CN_OK && left > 0.1 * d->tolerance * *largest && out->iterations < d->products);
    return status;
}

/* R R' has the pairs wanted of R'R, and is smaller */
static int cn__eigs_by_rows(const cn_op *a, const cn_eigs_desc *d) {
    return a->info.rows && a->info.rows < a->info.size && !d->bottom && d->top <= a->info.rows;
}

static int cn__eigs_defaults(cn_ctx *c, const cn_op *a, cn_eigs_desc *d) {
    size_t n = a->info.size, want, full = n - CN__MIN(n, d->deflated);
    if (!a->info.symmetric) return cn__fail(c, CN_E_UNSUITED, "eigs: the operator is not symmetric");
    if (!d->top && !d->bottom) d->top = 1;
    want = d->top + d->bottom;
    if (d->deflated && !d->deflate) return cn__fail(c, CN_E_ARGUMENT, "eigs: the vectors to deflate are missing");
    if (want > full || want < d->top)
        return cn__fail(c, CN_E_ARGUMENT, "eigs: %z + %z eigenvalues wanted of an operator of size %z", d->top,
                        d->bottom, full);
    if (!(d->tolerance >= 0) || !cn__finite(d->tolerance))
        return cn__fail(c, CN_E_ARGUMENT, "eigs: tolerance %g is negative or not finite", d->tolerance);
    if (d->tolerance == 0) d->tolerance = CN__DOUBLE ? 1e-8 : 1e-4;
    if (d->method != CN_METHOD_AUTO && d->method != CN_METHOD_EXACT && d->method != CN_METHOD_LANCZOS &&
        d->method != CN_METHOD_POWER)
        return cn__fail(c, CN_E_ARGUMENT, "eigs: %d is not a method for it", d->method);
    if (d->method == CN_METHOD_POWER && (d->top != 1 || want != 1 || d->deflated))
        return cn__fail(c, CN_E_ARGUMENT, "eigs: the power method finds one, top = 1, and deflates nothing");
    if (d->method == CN_METHOD_EXACT && d->deflated)
        return cn__fail(c, CN_E_ARGUMENT, "eigs: the exact method deflates nothing; cn_op_deflate does");
    d->block_size = CN__MIN(d->block_size ? d->block_size : CN__MIN(want, 4), full);
    if (!d->basis) d->basis = cn__plus(cn__times(4, want), 96);
    d->basis = CN__MIN(full, CN__MAX(d->basis, cn__plus(want, cn__times(2, d->block_size))));
    if (!d->products) d->products = cn__plus(cn__times(100, want), 1000);
    d->products = CN__MAX(d->products, want);
    if (d->method == CN_METHOD_AUTO)
        d->method = (cn__eigs_by_rows(a, d) ? a->info.rows : n) <= (d->bottom ? CN__MAX(d->basis, 1000) : d->basis) &&
                            !d->deflated
                        ? CN_METHOD_EXACT
                        : CN_METHOD_LANCZOS;
    return CN_OK;
}

static int cn__eigs(cn__ws *w, cn_op *a, const cn_eigs_desc *given, double *values, double *residuals, cn_real *vectors,
                    cn_iter *out) {
    /* largest: below 0 as long as there are no pairs */
    cn_eigs_desc d = *given;
    size_t n = a->info.size, want, from, k, i, mark;
    int status, ran, isa = cn__isa(w->ctx);
    double largest = -1, *value, *norm;
    cn_real *v, *y;
    memset(out, 0, sizeof *out);
    out->convention = a->info.convention;
    if (cn__eigs_defaults(w->ctx, a, &d)) return w->ctx->status;
    want = d.top + d.bottom;
    v = CN__TAKE(w, cn_real, cn__times(want, n));
    y = CN__TAKE(w, cn_real, cn__times(CN__MIN(want, CN__GROUP), n));
    value = CN__TAKE(w, double, want);
    norm = CN__TAKE(w, double, want);
    mark = w->at;
    status = d.method == CN_METHOD_EXACT   ? cn__eigs_exact(w, a, &d, cn__eigs_by_rows(a, &d), value, v, &largest, out)
             : d.method == CN_METHOD_POWER ? cn__eigs_power(w, a, &d, value, v, &largest, out)
                                           : cn__eigs_lanczos(w, a, &d, value, v, &largest, out);
    w->at = mark;
    if (!w->base) return status ? status : cn__run(w, a, CN__MIN(want, CN__GROUP), NULL, NULL);
    if (status != CN_OK && (status != CN_CANCELLED || largest < 0)) return status;
    for (from = 0; from < want; from += k) { /* residuals are measured */
        k = CN__MIN(want - from, CN__GROUP);
        if ((ran = cn__run(w, a, k, v + from * n, y)) != CN_OK) return ran;
        cn__project_out(isa, d.deflated, n, d.deflate, k, y, NULL, NULL, 0);
        for (i = 0; i < k; i++) {
            cn__axpy(isa, n, -value[from + i], v + (from + i) * n, y + i * n);
            norm[from + i] = cn__norm(isa, n, y + i * n);
            if (!cn__finite(norm[from + i]) || !cn__finite(value[from + i]))
                return cn__fail(w->ctx, CN_E_NUMERIC, "eigs: a product is not finite");
            out->residual = CN__MAX(out->residual, norm[from + i]);
        }
    }
    if (values) memcpy(values, value, want * sizeof *value);
    if (residuals) memcpy(residuals, norm, want * sizeof *norm);
    if (vectors) memcpy(vectors, v, want * n * sizeof *v);
    out->converged = status == CN_OK && out->residual <= d.tolerance * largest;
    return status;
}

CN_API cn_iter cn_eigs(cn_op *a, const cn_eigs_desc *d, double *values, double *residuals, cn_real *vectors) {
    CN__ANSWER(cn_iter, cn_eigs_desc, a, cn__eigs(&w, a, d ? d : &zero, values, residuals, vectors, &r));
}

/* ---- stochastic Lanczos quadrature: functions of the spectrum and its density [Bai, Fahey, Golub 1996; Ghorbani,
   Krishnan, Xiao 2019] */

/* Lanczos processes of `steps` steps: from `start` [runs][size], or where that is NULL from probes number `first` on.
   window: how many of the last vectors a new one is made orthogonal to. `steps`: all. 2, at three vectors of memory:
   copies of eigenvalues that converged come back, which share their weight and hardly move a quadrature. */
typedef struct cn__processes {
    cn_op *a;
    const cn_probe_desc *probe;
    const cn_real *start;
    size_t first, steps, window;
} cn__processes;

/* `runs` of them side by side. t [runs][2][steps]: the tridiagonal matrices, diagonals and what lies beside them; used
   [runs] rows of them each, fewer where an invariant subspace ends the process. */
static int cn__lanczos(cn__ws *w, const cn__processes *p, size_t runs, double *t, size_t *used) {
    size_t n = p->a->info.size, steps = p->steps, wide = cn__times(cn__plus(p->window, 1), n), s, j, alive = runs;
    int status, isa = cn__isa(w->ctx);
    double *d;
    cn_real *q = CN__TAKE(w, cn_real, cn__times(runs, wide)), *x = CN__TAKE(w, cn_real, cn__times(runs, n)),
            *y = CN__TAKE(w, cn_real, cn__times(runs, n));
    if (!w->base) return cn__run(w, p->a, runs, NULL, NULL);
    for (j = 0; j < runs; j++) {
        if (p->start)
            memcpy(q + j * wide, p->start + j * n, n * sizeof *q);
        else
            cn__probe(p->probe, CN_FOR_LANCZOS, p->first + j, n, q + j * wide);
        cn__normalise(isa, n, q + j * wide);
        used[j] = steps;
    }
    for (s = 0; s < steps && alive; s++) {
        size_t have = CN__MIN(s + 1, p->window);
        for (j = 0; j < runs; j++) memcpy(x + j * n, q + j * wide + (CN__MIN(have, used[j]) - 1) * n, n * sizeof *x);
        if ((status = cn__run(w, p->a, runs, x, y)) != CN_OK) return status;
        for (j = 0; j < runs; j++) {
            cn_real *row = q + j * wide, *next = row + have * n;
            if (s >= used[j]) continue;
            memcpy(next, y + j * n, n * sizeof *next);
            d = t + 2 * j * steps + s;
            d[0] = cn__dot(isa, n, next - n, next);
            cn__orthonormal(isa, have, 1, n, row, &p->probe->seed, d + steps, NULL, 0);
            if (!cn__finite(d[steps]))
                return cn__fail(w->ctx, CN_E_NUMERIC, "Lanczos quadrature: a product is not finite");
            if (d[steps] == 0 || s + 1 == steps) {
                used[j] = s + 1;
                alive--;
            } else if (s + 1 >= p->window)
                memmove(row, row + n, p->window * n * sizeof *row);
        }
    }
    return CN_OK;
}

/* The quadrature for z'f(A)z/z'z that the first m rows of a t [2][steps] make: rule [3][steps] = nodes, weights and
   scratch. */
static int cn__nodes(cn__ws *w, size_t m, size_t steps, const double *t, double *rule) {
    double *weight = rule + steps;
    size_t i;
    memcpy(rule, t, m * sizeof *t);
    memcpy(rule + 2 * steps, t + steps, m * sizeof *t);
    for (i = 0; i < m; i++) weight[i] = i == 0;
    if (cn__tridiagonal(m, rule, rule + 2 * steps, 1, weight))
        return cn__fail(w->ctx, CN_E_NUMERIC, "Lanczos quadrature: the tridiagonal problem did not converge");
    for (i = 0; i < m; i++) weight[i] *= weight[i];
    return CN_OK;
}

/* Processes at a time: one pass over the data serves them all; their bases stay below 2^25 reals, a fixed number, so
   that the bits do not depend on the machine. */
static size_t cn__abreast(size_t n, size_t steps, size_t runs) {
    size_t one = cn__times(cn__plus(steps, 1), n);
    return CN__MIN(CN__MIN(runs, CN__GROUP), CN__MAX(((size_t)1 << 25) / one, 1));
}

static int cn__trace_of(cn__ws *w, const char *what, cn_op *a, double (*f)(void *user, double lambda), void *user,
                        const cn_probe_desc *d, cn_est *e) {
    size_t n = a->info.size, most = d->probes ? d->probes : 32, steps = CN__MIN(d->steps ? d->steps : 80, n),
           group = cn__abreast(n, steps, most), used[CN__GROUP], mark, i, j, k;
    int status;
    double *t, *node, sum;
    cn_real *dense;
    cn__mean mean;
    cn__processes from;
    memset(&from, 0, sizeof from);
    memset(e, 0, sizeof *e);
    e->convention = a->info.convention;
    if (!f) return cn__fail(w->ctx, CN_E_ARGUMENT, "%s: the function is missing", what);
    if (!a->info.symmetric) return cn__fail(w->ctx, CN_E_UNSUITED, "%s: the operator is not symmetric", what);
    if ((status = cn__check_probes(w->ctx, what, d,
                                   1u << CN_METHOD_AUTO | 1u << CN_METHOD_EXACT | 1u << CN_METHOD_LANCZOS)) != CN_OK)
        return status;
    if (d->method == CN_METHOD_EXACT || (d->method == CN_METHOD_AUTO && n <= CN__MOST_DENSE &&
                                         (!d->probes || cn__dense_products(a) <= cn__times(d->probes, steps)))) {
        dense = CN__TAKE(w, cn_real, cn__times(n, n));
        node = CN__TAKE(w, double, n);
        if ((status = cn__op_dense(w, a, dense)) != CN_OK) return status;
        if ((status = cn__eigen(w, cn__isa(w->ctx), n, dense, CN__NO_VECTORS, 0, node, NULL, NULL)) != CN_OK)
            return cn__fail(w->ctx, CN_E_NUMERIC, "%s: a product is not finite", what);
        for (i = 0; w->base && i < n; i++) e->value += f(user, node[i]);
        e->exact = 1;
    } else {
        t = CN__TAKE(w, double, cn__times(cn__times(2, group), steps));
        node = CN__TAKE(w, double, 3 * steps);
        from.a = a;
        from.probe = d;
        from.steps = from.window = steps;
        mark = w->at;
        if (!w->base) return cn__lanczos(w, &from, group, NULL, NULL);
        for (memset(&mean, 0, sizeof mean); mean.count < most && status == CN_OK;) {
            k = CN__MIN(group, most - mean.count);
            from.first = mean.count;
            status = cn__lanczos(w, &from, k, t, used);
            w->at = mark;
            for (j = 0; status == CN_OK && j < k; j++) {
                status = cn__nodes(w, used[j], steps, t + 2 * j * steps, node);
                for (sum = 0, i = 0; i < used[j]; i++) sum += node[steps + i] * f(user, node[i]);
                cn__mean_add(&mean, (double)n * sum);
            }
            if (status) break;
            cn__estimate(&mean, e);
            if (!cn__finite(e->value) || cn__enough(d, e->probes, e->value, e->error)) break;
            status = cn__report(w->ctx, what, (double)mean.count, (double)most, e->value, e->error);
        }
    }
    if (!cn__finite(e->value))
        return cn__fail(w->ctx, CN_E_NUMERIC, "%s: the function is not finite on the spectrum", what);
    return cn__settle(w->ctx, what, status, e);
}

CN_API cn_est cn_trace_of(cn_op *a, double (*f)(void *user, double lambda), void *user, const cn_probe_desc *d) {
    CN__ANSWER(cn_est, cn_probe_desc, a, cn__trace_of(&w, "trace of a function", a, f, user, d ? d : &zero, &r));
}

/* of numbers that are not positive: not finite, which is refused by the caller's sentence */
static double cn__log_above(void *ridge, double lambda) {
    double x = lambda + *(const double *)ridge;
    return x > 0 ? log(x) : HUGE_VAL;
}

static int cn__logdet(cn__ws *w, cn_op *a, double ridge, const cn_probe_desc *d, cn_est *e) {
    if (!cn__finite(ridge)) return cn__fail(w->ctx, CN_E_ARGUMENT, "log det: ridge %g is not finite", ridge);
    return cn__trace_of(w, "log det", a, cn__log_above, &ridge, d, e);
}

CN_API cn_est cn_logdet(cn_op *a, double ridge, const cn_probe_desc *d) {
    CN__ANSWER(cn_est, cn_probe_desc, a, cn__logdet(&w, a, ridge, d ? d : &zero, &r));
}

/* Shares of one run's weight: below -floor, within, above. */
static void cn__shares(size_t n, const double *node, const double *weight, double floor, double *share) {
    size_t i;
    share[0] = share[1] = share[2] = 0;
    for (i = 0; i < n; i++) share[node[i] < -floor ? 0 : node[i] > floor ? 2 : 1] += weight[i];
}

/* of all runs, and room for one rule more */
typedef struct cn__nodes_of {
    size_t runs, steps, *used;
    double *t, *rule;
} cn__nodes_of;

/* The smoothed density at x over the runs, in units of a Gaussian's peak; side 0: linear, 1, -1: log10 of the
   eigenvalues of that sign beyond the floor */
static cn__mean cn__density_at(const cn__nodes_of *q, double x, double width, double floor, int side) {
    size_t i, j;
    double sum, z;
    cn__mean mean;
    memset(&mean, 0, sizeof mean);
    for (j = 0; j < q->runs; j++) {
        const double *node = q->rule + 3 * j * q->steps, *weight = node + q->steps;
        for (sum = 0, i = 0; i < q->used[j]; i++) {
            if (side && side * node[i] <= floor) continue;
            z = (x - (side ? log10(side * node[i]) : node[i])) / width;
            if (z * z < 1400) sum += weight[i] * exp(-0.5 * z * z);
        }
        cn__mean_add(&mean, sum);
    }
    return mean;
}

static int cn__density_shares(cn__ws *w, const cn__nodes_of *q, cn_density_result *out) {
    size_t j, i, half, steps = q->steps;
    double share[3], *rule = q->rule, *spare = rule + 3 * q->runs * steps;
    cn__mean mean[3];
    memset(mean, 0, sizeof mean);
    for (j = 0; j < q->runs; j++, rule += 3 * steps) {
        cn__shares(q->used[j], rule, rule + steps, out->floor, share);
        for (i = 0; i < 3; i++) cn__mean_add(mean + i, share[i]);
        half = q->used[j] == steps ? (steps + 1) / 2 : q->used[j]; /* a process that ended has seen all there is */
        if (cn__nodes(w, half, steps, q->t + 2 * j * steps, spare)) return w->ctx->status;
        cn__shares(half, spare, spare + steps, out->floor, share);
        out->half_negative += share[0] / (double)q->runs;
        out->half_small += share[1] / (double)q->runs;
    }
    out->negative = mean[0].value;
    out->negative_error = cn__mean_error(mean);
    out->small = mean[1].value;
    out->small_error = cn__mean_error(mean + 1);
    out->positive = mean[2].value;
    out->positive_error = cn__mean_error(mean + 2);
    return CN_OK;
}

static int cn__check_density(cn_ctx *c, const cn_op *a, const cn_density_desc *d, const cn_density_curve *curve) {
    if (!a->info.symmetric) return cn__fail(c, CN_E_UNSUITED, "density: the operator is not symmetric");
    if (curve && (!curve->at || !curve->density || (curve->negative_error && !curve->negative)))
        return cn__fail(c, CN_E_ARGUMENT, "density: at, density or negative is missing");
    if (curve && curve->negative && d->axis == CN_AXIS_LINEAR)
        return cn__fail(c, CN_E_ARGUMENT, "density: negative is for the logarithmic axis");
    if (d->axis < CN_AXIS_LINEAR || d->axis > CN_AXIS_LOG || d->points == 1)
        return cn__fail(c, CN_E_ARGUMENT, "density: axis %d or %z points make no sense", d->axis, d->points);
    if (!cn__finite(d->width) || !(d->width >= 0) || !cn__finite(d->floor) || !(d->floor >= 0))
        return cn__fail(c, CN_E_ARGUMENT, "density: width %g or floor %g is negative or not finite", d->width,
                        d->floor);
    return CN_OK;
}

/* One side of a curve; error may be NULL */
static void cn__density_side(const cn__nodes_of *q, const cn_density_result *r, size_t points, const double *at,
                             int side, double *density, double *error) {
    double peak = 1 / (r->width * 2.5066282746310002); /* sqrt(2 pi) */
    size_t p;
    cn__mean mean;
    for (p = 0; p < points; p++) {
        mean = cn__density_at(q, at[p], r->width, r->floor, side);
        density[p] = peak * mean.value;
        if (error) error[p] = peak * cn__mean_error(&mean);
    }
}

static int cn__density(cn__ws *w, cn_op *a, const cn_density_desc *d, const cn_density_curve *curve,
                       cn_density_result *out) {
    size_t n = a->info.size, runs = d->runs ? d->runs : 10, steps = CN__MIN(d->steps ? d->steps : 80, n),
           points = d->points ? d->points : 200, group = cn__abreast(n, steps, runs), mark, j, p, k;
    int status = CN_OK;
    double low, high, largest;
    cn__nodes_of q;
    cn_probe_desc probe;
    cn__processes from;
    memset(out, 0, sizeof *out);
    out->convention = a->info.convention;
    if (cn__check_density(w->ctx, a, d, curve)) return w->ctx->status;
    memset(&probe, 0, sizeof probe);
    probe.seed = d->seed;
    q.runs = 0;
    q.steps = steps;
    q.t = CN__TAKE(w, double, cn__times(cn__times(2, runs), steps));
    q.rule = CN__TAKE(w, double, cn__times(cn__times(3, cn__plus(runs, 1)), steps));
    q.used = CN__TAKE(w, size_t, runs);
    memset(&from, 0, sizeof from);
    from.a = a;
    from.probe = &probe;
    from.steps = from.window = steps;
    mark = w->at;
    if (!w->base) return cn__lanczos(w, &from, group, NULL, NULL);
    for (j = 0; j < runs && status == CN_OK; j += k, w->at = mark) {
        k = CN__MIN(group, runs - j);
        from.first = j;
        status = cn__lanczos(w, &from, k, q.t + 2 * j * steps, q.used + j);
        if (status == CN_CANCELLED && j) break; /* by the operator: the runs before it stand */
        for (p = j; p < j + k && status == CN_OK; p++)
            status = cn__nodes(w, q.used[p], steps, q.t + 2 * p * steps, q.rule + 3 * p * steps);
        if (status) return status;
        q.runs = out->runs = j + k;
        status = cn__report(w->ctx, "density", (double)out->runs, (double)runs, q.rule[3 * j * steps], 0);
    }
    out->smallest = out->largest = q.rule[0];
    for (j = 0; j < q.runs; j++) {
        out->largest = CN__MAX(out->largest, q.rule[3 * j * steps]); /* descending */
        out->smallest = CN__MIN(out->smallest, q.rule[3 * j * steps + q.used[j] - 1]);
        out->products = CN__MAX(out->products, q.used[j]);
    }
    out->products *= q.runs;
    largest = CN__MAX(fabs(out->smallest), fabs(out->largest));
    out->floor = d->floor > 0 ? d->floor : 1e-3 * largest;
    if (cn__density_shares(w, &q, out)) return w->ctx->status;
    low = out->smallest;
    high = out->largest;
    if (d->axis == CN_AXIS_LOG) { /* of a spectrum below the floor: from there up to it */
        high = CN__MAX(largest, out->floor) > 0 ? log10(CN__MAX(largest, out->floor)) : -3;
        low = CN__MIN(largest, out->floor) > 0 ? log10(CN__MIN(largest, out->floor)) : high;
    }
    out->width = d->width > 0                  ? d->width
                 : d->axis != CN_AXIS_LINEAR   ? 0.1
                 : high > low + 1e-9 * largest ? 0.01 * (high - low)
                                               : 0.01 * (largest > 0 ? largest : 1);
    low -= 4 * out->width;
    high += 4 * out->width;
    if (!cn__finite((high - low) * (double)points) || !cn__finite(1 / (out->width * 2.5)))
        return cn__fail(w->ctx, CN_E_NUMERIC,
                        "density: eigenvalues from %g to %g, width %g: too far apart or too narrow", out->smallest,
                        out->largest, out->width);
    if (!curve) return status;
    for (p = 0; p < points; p++) curve->at[p] = low + (high - low) * (double)p / (double)(points - 1);
    cn__density_side(&q, out, points, curve->at, d->axis == CN_AXIS_LOG, curve->density, curve->error);
    if (curve->negative) cn__density_side(&q, out, points, curve->at, -1, curve->negative, curve->negative_error);
    return status;
}

CN_API cn_density_result cn_density(cn_op *a, const cn_density_desc *d, const cn_density_curve *curve) {
    CN__ANSWER(cn_density_result, cn_density_desc, a, cn__density(&w, a, d ? d : &zero, curve, &r));
}
#endif /* FLOOR 6 */

/* ==== FLOOR 7: network: the layer table, shapes, text, parts, initialisation ====================================== */
#if CN_FLOOR_MAX >= 7

#if CN__DOUBLE
#define CN__FN(name) name
#else
#define CN__FN(name) name##f
#endif

static size_t cn__size(cn_shape s) { return s.c * s.h * s.w; }

/* ---- pointwise rows: value, first and second derivative */

#define CN__POINTWISE(name, setup, value, first, second)                                                              \
    static void cn__row_##name(const double *arg, size_t n, const cn_real *x, cn_real *f, cn_real *f1, cn_real *f2) { \
        size_t i;                                                                                                     \
        (void)arg;                                                                                                    \
        for (i = 0; i < n; i++) {                                                                                     \
            const cn_real v = x[i];                                                                                   \
            setup;                                                                                                    \
            if (f) f[i] = (value);                                                                                    \
            if (f1) f1[i] = (first);                                                                                  \
            if (f2) f2[i] = (second);                                                                                 \
        }                                                                                                             \
    }
CN__POINTWISE(relu, , v<0 ? 0 : v, v> 0 ? 1 : 0, 0) /* NaN stays NaN */
CN__POINTWISE(leaky, const cn_real slope = (cn_real)arg[0], v<0 ? slope * v : v, v> 0 ? 1 : slope, 0)
CN__POINTWISE(tanh, const cn_real t = CN__FN(tanh)(v), t, 1 - t * t, -2 * t * (1 - t * t))
CN__POINTWISE(sigmoid, const cn_real s = 1 / (1 + CN__FN(exp)(-v)), s, s *(1 - s), s *(1 - s) * (1 - 2 * s))
CN__POINTWISE(softplus, const cn_real s = 1 / (1 + CN__FN(exp)(-v)),
              (v > 0 ? v : 0) + CN__FN(log1p)(CN__FN(exp)(-CN__FN(fabs)(v))), s, s *(1 - s))
CN__POINTWISE(silu, const cn_real s = 1 / (1 + CN__FN(exp)(-v)), v *s, s *(1 + v * (1 - s)),
              s *(1 - s) * (2 + v * (1 - 2 * s)))
CN__POINTWISE(gelu, /* v Phi(v), Phi and its density phi of the normal distribution: the exact form */
              const cn_real Phi = (cn_real)0.5 * CN__FN(erfc)(v * (cn_real)-0.70710678118654752440);
              const cn_real phi = (cn_real)0.39894228040143267794 * CN__FN(exp)((cn_real)-0.5 * v * v), v *Phi,
              Phi + v * phi, phi *(2 - v * v))

/* The four kernels of every pointwise row. scratch holds f' and f'' of the inputs. */
static void cn__pointwise_forward(const cn_layer *row, cn_io *io) {
    row->pointwise(io->item->arg, io->n * cn__size(io->item->in), io->x, io->y, NULL, NULL);
}

/* out [n][k][size] = signal [n][k][size] times f' [n][size] */
static void cn__scale_signal(const cn_io *io, size_t size, const cn_real *f1, const cn_real *signal, cn_real *out) {
    size_t i, j, s;
    for (i = 0; i < io->n; i++, f1 += size)
        for (j = 0; j < io->k; j++, signal += size, out += size)
            for (s = 0; s < size; s++) out[s] = signal[s] * f1[s];
}

/* tangent and backward are the same */
static void cn__pointwise_linear(const cn_layer *row, cn_io *io, const cn_real *signal, cn_real *out) {
    size_t size = cn__size(io->item->in), i, j;
    if (row->fuse == CN_FUSE_RELU) { /* one sweep, without f' in between */
        if (signal != out) memcpy(out, signal, io->n * io->k * size * sizeof *out);
        if (io->k == 1)
            cn__relu_back(io->isa, io->n * size, io->x, out);
        else
            for (i = 0; i < io->n; i++)
                for (j = 0; j < io->k; j++)
                    cn__relu_back(io->isa, size, io->x + i * size, out + (i * io->k + j) * size);
        return;
    }
    row->pointwise(io->item->arg, io->n * size, io->x, NULL, io->scratch, NULL);
    cn__scale_signal(io, size, io->scratch, signal, out);
}

static void cn__pointwise_second(const cn_layer *row, cn_io *io) {
    size_t size = cn__size(io->item->in), i, j, s;
    cn_real *f1 = io->scratch, *f2 = f1 + io->n * size;
    const cn_real *x_t = io->x_t, *gy = io->gy;
    cn_real *gx_t = io->gx_t;
    if (row->kinks) {
        cn__pointwise_linear(row, io, io->gy_t, gx_t);
        return;
    }
    row->pointwise(io->item->arg, io->n * size, io->x, NULL, f1, f2);
    cn__scale_signal(io, size, f1, io->gy_t, gx_t);
    if (!x_t) return;
    for (i = 0; i < io->n; i++, gy += size, f2 += size)
        for (j = 0; j < io->k; j++, x_t += size, gx_t += size)
            for (s = 0; s < size; s++) gx_t[s] += gy[s] * f2[s] * x_t[s];
}

/* ---- dense: y = W x + b, W [out][in] */

static int cn__whole(double v) { return v >= 1 && v <= 4294967295.0 && v == floor(v); }

static int cn__dense_shape(cn_item *item, const char **why) {
    size_t in = cn__size(item->in), out;
    if (!cn__whole(item->arg[0])) {
        *why = "the number of outputs must be a whole number from 1";
        return CN_E_SHAPE;
    }
    if (item->arg[1] != 0 && item->arg[1] != 1) {
        *why = "bias must be 0 or 1";
        return CN_E_SHAPE;
    }
    if (item->in.h != 1 || item->in.w != 1) {
        *why = "it takes a flat vector: put `flatten` before it";
        return CN_E_SHAPE;
    }
    out = (size_t)item->arg[0];
    if (cn__overflows(out, cn__plus(in, 1))) {
        *why = "its parameters are more than can be counted";
        return CN_E_SIZE;
    }
    item->out.c = out;
    item->out.h = item->out.w = 1;
    item->params = out * (in + (item->arg[1] != 0));
    return CN_OK;
}

static void cn__dense_affine(const cn_item *item, cn_affine *a) {
    a->positions = a->groups = 1;
    a->rows = item->out.c;
    a->cols = item->in.c;
    a->side = 0;
    a->bias = item->arg[1] != 0;
}

static void cn__add_bias(size_t rows, size_t size, const cn_real *bias, cn_real *y, size_t y_row) {
    size_t i, s;
    for (i = 0; i < rows; i++, y += y_row)
        for (s = 0; s < size; s++) y[s] += bias[s];
}

static void cn__sum_rows(size_t rows, size_t size, const cn_real *y, size_t y_row, cn_real *sum) /* added to sum */
{
    size_t i, s;
    for (i = 0; i < rows; i++, y += y_row)
        for (s = 0; s < size; s++) sum[s] += y[s];
}

static void cn__dense_forward(cn_io *io) /* io->relu: the relu that follows, in the same sweep */
{
    size_t in = io->item->in.c, out = io->item->out.c;
    cn__gemm(io->isa, io->n, out, in, 1, io->x, in, 1, io->theta, 1, in, 0, io->y, out, 1, io->pack);
    if (io->relu && io->item->arg[1] != 0)
        cn__bias_relu(io->isa, io->n, out, io->theta + in * out, io->y);
    else if (io->item->arg[1] != 0)
        cn__bias(io->isa, io->n, out, io->theta + in * out, io->y);
    else if (io->relu)
        cn__relu(io->isa, io->n * out, io->y);
}

static void cn__dense_tangent(cn_io *io) /* W x_t + W_t x + b_t */
{
    size_t in = io->item->in.c, out = io->item->out.c, k = io->k, j;
    if (io->x_t)
        cn__gemm(io->isa, io->n * k, out, in, 1, io->x_t, in, 1, io->theta, 1, in, 0, io->y_t, out, 1, io->pack);
    for (j = 0; j < k && io->theta_t; j++) {
        const cn_real *w_t = io->theta_t + j * io->stride;
        cn__gemm(io->isa, io->n, out, in, 1, io->x, in, 1, w_t, 1, in, io->x_t ? 1 : 0, io->y_t + j * out, k * out, 1,
                 io->pack);
        if (io->item->arg[1] != 0) cn__add_bias(io->n, out, w_t + in * out, io->y_t + j * out, k * out);
    }
}

static void cn__dense_backward(cn_io *io) /* gx = gy W; gW = sum gy x', gb = sum gy */
{
    size_t in = io->item->in.c, out = io->item->out.c, k = io->k, j;
    if (io->gx) cn__gemm(io->isa, io->n * k, in, out, 1, io->gy, out, 1, io->theta, in, 1, 0, io->gx, in, 1, io->pack);
    for (j = 0; j < k && io->gtheta; j++) {
        cn_real *g = io->gtheta + j * io->stride;
        cn__gemm(io->isa, out, in, io->n, 1, io->gy + j * out, 1, k * out, io->x, in, 1, 1, g, in, 1, io->pack);
        if (io->item->arg[1] != 0) cn__sum_rows(io->n, out, io->gy + j * out, k * out, g + in * out);
    }
}

static void cn__dense_second(cn_io *io) /* gx_t = gy_t W + gy W_t; gW_t = sum gy_t x' + gy x_t' */
{
    size_t in = io->item->in.c, out = io->item->out.c, k = io->k, j;
    if (io->gx_t)
        cn__gemm(io->isa, io->n * k, in, out, 1, io->gy_t, out, 1, io->theta, in, 1, 0, io->gx_t, in, 1, io->pack);
    for (j = 0; j < k; j++) {
        if (io->gx_t && io->theta_t)
            cn__gemm(io->isa, io->n, in, out, 1, io->gy, out, 1, io->theta_t + j * io->stride, in, 1, 1,
                     io->gx_t + j * in, k * in, 1, io->pack);
        if (io->gtheta) {
            cn_real *g = io->gtheta + j * io->stride;
            cn__gemm(io->isa, out, in, io->n, 1, io->gy_t + j * out, 1, k * out, io->x, in, 1, 1, g, in, 1, io->pack);
            if (io->x_t)
                cn__gemm(io->isa, out, in, io->n, 1, io->gy, 1, out, io->x_t + j * in, k * in, 1, 1, g, in, 1,
                         io->pack);
            if (io->item->arg[1] != 0) cn__sum_rows(io->n, out, io->gy_t + j * out, k * out, g + in * out);
        }
    }
}

/* ---- softmax over all features: y = exp(x) / sum; dy = y * (dx - y.dx) */

static size_t cn__argmax(size_t n, const cn_real *x) /* the first of them */
{
    size_t most = 0, i;
    for (i = 1; i < n; i++)
        if (x[i] > x[most]) most = i;
    return most;
}

static int cn__softmax_shape(cn_item *item, const char **why) {
    (void)why;
    item->out = item->in;
    return CN_OK;
}

static void cn__softmax_forward(cn_io *io) {
    size_t size = cn__size(io->item->in), i, s;
    const cn_real *x = io->x;
    cn_real *y = io->y;
    for (i = 0; i < io->n; i++, x += size, y += size) {
        cn_real most = x[cn__argmax(size, x)];
        double sum = 0;
        for (s = 0; s < size; s++) {
            y[s] = CN__FN(exp)(x[s] - most);
            sum += (double)y[s];
        }
        for (s = 0; s < size; s++) y[s] = (cn_real)((double)y[s] / sum);
    }
}

/* u - p.u is taken from differences to u[most], p[most] the largest: so what is left of a p near 1 keeps its digits. */
static double cn__softmax_mean(size_t K, const cn_real *p, const cn_real *u, size_t most) /* p.u - u[most] */
{
    double mean = 0;
    size_t j;
    for (j = 0; j < K; j++) mean += (double)p[j] * ((double)u[j] - (double)u[most]);
    return mean;
}
static double cn__centred(const cn_real *u, size_t j, size_t most, double mean) /* u[j] - p.u */
{
    return (j == most ? 0 : (double)u[j] - (double)u[most]) - mean;
}

static void cn__softmax_product(size_t K, const cn_real *p, const cn_real *u, cn_real *out) /* out = (diag p - pp') u */
{
    size_t most = cn__argmax(K, p), j;
    double mean = cn__softmax_mean(K, p, u, most);
    cn_real first = (cn_real)((double)p[most] * cn__centred(u, most, most, mean)); /* last, as out may be p or u */
    for (j = 0; j < K; j++)
        if (j != most) out[j] = (cn_real)((double)p[j] * cn__centred(u, j, most, mean));
    out[most] = first;
}

static void cn__softmax_linear(const cn_io *io, const cn_real *signal, cn_real *result) {
    size_t size = cn__size(io->item->in), i, j;
    for (i = 0; i < io->n; i++)
        for (j = 0; j < io->k; j++, signal += size, result += size)
            cn__softmax_product(size, io->y + i * size, signal, result);
}

static void cn__softmax_tangent(cn_io *io) { cn__softmax_linear(io, io->x_t, io->y_t); }
static void cn__softmax_backward(cn_io *io) { cn__softmax_linear(io, io->gy, io->gx); }

static void cn__softmax_second(cn_io *io) /* + y_t * (gy - y.gy) - y * (y_t.gy), y_t from x_t */
{
    size_t size = cn__size(io->item->in), i, j, s;
    const cn_real *y = io->y, *gy = io->gy, *x_t = io->x_t;
    cn_real *gx_t = io->gx_t;
    cn__softmax_linear(io, io->gy_t, gx_t);
    for (i = 0; x_t && i < io->n; i++, y += size, gy += size) {
        size_t most = cn__argmax(size, y);
        double y_gy = cn__softmax_mean(size, y, gy, most);
        for (j = 0; j < io->k; j++, x_t += size, gx_t += size) {
            double y_x = cn__softmax_mean(size, y, x_t, most), yt_gy = 0;
            for (s = 0; s < size; s++)
                yt_gy += (double)y[s] * cn__centred(x_t, s, most, y_x) * cn__centred(gy, s, most, y_gy);
            for (s = 0; s < size; s++)
                gx_t[s] +=
                    (cn_real)((double)y[s] * (cn__centred(x_t, s, most, y_x) * cn__centred(gy, s, most, y_gy) - yt_gy));
        }
    }
}

/* ---- conv: z = W patch at every position, W [out][in/groups][side][side] */

/* Output side of a window; 0: it does not fit. */
static size_t cn__window(size_t in, size_t side, size_t stride, size_t pad) {
    return in + 2 * pad < side ? 0 : (in + 2 * pad - side) / stride + 1;
}

static int cn__conv_shape(cn_item *item, const char **why) {
    const double *a = item->arg;
    size_t side, groups, cols;
    if (!cn__whole(a[0]) || !cn__whole(a[1]) || !cn__whole(a[2]) || !cn__whole(a[4])) {
        *why = "outputs, side, stride and groups must be whole numbers from 1";
        return CN_E_SHAPE;
    }
    if (a[3] != 0 && !cn__whole(a[3])) {
        *why = "pad must be a whole number from 0";
        return CN_E_SHAPE;
    }
    if (a[5] != 0 && a[5] != 1) {
        *why = "bias must be 0 or 1";
        return CN_E_SHAPE;
    }
    if (a[1] > 65535 || a[2] > 65535 || a[3] > 65535) {
        *why = "side, stride or pad is above 65535";
        return CN_E_SHAPE;
    }
    groups = (size_t)a[4];
    side = (size_t)a[1];
    if (item->in.c % groups || (size_t)a[0] % groups) {
        *why = "groups must divide the channels in and out";
        return CN_E_SHAPE;
    }
    item->out.c = (size_t)a[0];
    item->out.h = cn__window(item->in.h, side, (size_t)a[2], (size_t)a[3]);
    item->out.w = cn__window(item->in.w, side, (size_t)a[2], (size_t)a[3]);
    if (!item->out.h || !item->out.w) {
        *why = "the window is larger than the padded input";
        return CN_E_SHAPE;
    }
    cols = item->in.c / groups;
    if (cn__overflows(cols, side * side) || cn__overflows(item->out.c, cols * side * side + 1) ||
        cn__overflows(item->out.h, item->out.w) || cn__overflows(item->out.c, item->out.h * item->out.w) ||
        cn__overflows(groups * cols * side * side, 4 * item->out.h * item->out.w)) {
        *why = "its sizes are more than can be counted";
        return CN_E_SIZE;
    }
    cols *= side * side;
    item->params = item->out.c * (cols + (a[5] != 0));
    item->work = 2 * groups * cols * item->out.h * item->out.w; /* patches of one sample, of two kinds */
    return CN_OK;
}

static void cn__conv_affine(const cn_item *item, cn_affine *a) {
    a->positions = item->out.h * item->out.w;
    a->groups = (size_t)item->arg[4];
    a->rows = item->out.c;
    a->side = (size_t)item->arg[1];
    a->cols = item->in.c / a->groups * a->side * a->side;
    a->bias = item->arg[5] != 0;
}

/* x of one sample -> patches [groups][cols][positions]; with fold the other way, patches added into x. */
static void cn__conv_patches(const cn_item *item, const cn_real *x, cn_real *patches, cn_real *fold) {
    size_t side = (size_t)item->arg[1], stride = (size_t)item->arg[2], pad = (size_t)item->arg[3], H = item->in.h,
           W = item->in.w, c, u, v, i, j, j0, j1;
    for (c = 0; c < item->in.c; c++)
        for (u = 0; u < side; u++)
            for (v = 0; v < side; v++) {
                j0 = v >= pad ? 0 : (pad - v + stride - 1) / stride; /* columns j0 .. j1-1 lie inside */
                j1 = W + pad <= v ? 0 : CN__MIN(item->out.w, (W + pad - v + stride - 1) / stride);
                j0 = CN__MIN(j0, item->out.w);
                j1 = CN__MAX(j0, j1);
                for (i = 0; i < item->out.h; i++, patches += item->out.w) {
                    size_t row = i * stride + u, at = (c * H + (row - pad)) * W + (j0 * stride + v - pad);
                    int inside = row >= pad && row - pad < H;
                    if (fold) {
                        for (j = j0; inside && j < j1; j++) fold[at + (j - j0) * stride] += patches[j];
                        continue;
                    }
                    if (!inside) {
                        memset(patches, 0, item->out.w * sizeof *patches);
                        continue;
                    }
                    for (j = 0; j < j0; j++) patches[j] = 0;
                    if (stride == 1)
                        memcpy(patches + j0, x + at, (j1 - j0) * sizeof *patches);
                    else
                        for (j = j0; j < j1; j++) patches[j] = x[at + (j - j0) * stride];
                    for (j = j1; j < item->out.w; j++) patches[j] = 0;
                }
            }
}

static void cn__conv_unfold(cn_io *io, const cn_real *x, cn_real *patches) {
    cn__conv_patches(io->item, x, patches, NULL);
}

/* x itself where the patches are x: side 1, stride 1, no padding. */
static const cn_real *cn__conv_view(const cn_item *item, const cn_real *x, cn_real *room) {
    if (item->arg[1] == 1 && item->arg[2] == 1 && item->arg[3] == 0) return x;
    cn__conv_patches(item, x, room, NULL);
    return room;
}

/* out [rows][positions] = W patches + beta out, over groups. */
static void cn__conv_apply(const cn_io *io, const cn_affine *a, const cn_real *weight, const cn_real *patches,
                           cn_real beta, cn_real *out) {
    size_t g, rows = a->rows / a->groups, P = a->positions;
    for (g = 0; g < a->groups; g++)
        cn__gemm(io->isa, rows, P, a->cols, 1, weight + g * rows * a->cols, a->cols, 1, patches + g * a->cols * P, P, 1,
                 beta, out + g * rows * P, P, 1, io->pack);
}

/* gradient [rows][cols] += signal [rows][positions] patches' */
static void cn__conv_weights(const cn_io *io, const cn_affine *a, const cn_real *signal, const cn_real *patches,
                             cn_real *gradient) {
    size_t g, rows = a->rows / a->groups, P = a->positions;
    for (g = 0; g < a->groups; g++)
        cn__gemm(io->isa, rows, a->cols, P, 1, signal + g * rows * P, P, 1, patches + g * a->cols * P, 1, P, 1,
                 gradient + g * rows * a->cols, a->cols, 1, io->pack);
}

/* x-shaped out += fold(W' signal); room: one sample's patches */
static void cn__conv_transposed(const cn_io *io, const cn_affine *a, const cn_real *weight, const cn_real *signal,
                                cn_real *room, cn_real *out) {
    size_t g, rows = a->rows / a->groups, P = a->positions;
    for (g = 0; g < a->groups; g++)
        cn__gemm(io->isa, a->cols, P, rows, 1, weight + g * rows * a->cols, 1, a->cols, signal + g * rows * P, P, 1, 0,
                 room + g * a->cols * P, P, 1, io->pack);
    cn__conv_patches(io->item, NULL, room, out);
}

static void cn__add_to_rows(size_t rows, size_t length, const cn_real *bias, cn_real *y) {
    size_t r, i;
    for (r = 0; r < rows; r++)
        for (i = 0; i < length; i++) *y++ += bias[r];
}

static void cn__sum_of_rows(size_t rows, size_t length, const cn_real *y, cn_real *sum) /* added to sum */
{
    size_t r, i;
    for (r = 0; r < rows; r++) {
        double s = 0;
        for (i = 0; i < length; i++) s += (double)*y++;
        sum[r] += (cn_real)s;
    }
}

static void cn__conv_forward(cn_io *io) {
    cn_affine a;
    size_t i, in = cn__size(io->item->in), out = cn__size(io->item->out);
    const cn_real *x = io->x;
    cn_real *y = io->y;
    cn__conv_affine(io->item, &a);
    for (i = 0; i < io->n; i++, x += in, y += out) {
        cn__conv_apply(io, &a, io->theta, cn__conv_view(io->item, x, io->scratch), 0, y);
        if (a.bias) cn__add_to_rows(a.rows, a.positions, io->theta + a.rows * a.cols, y);
        if (io->relu) cn__relu(io->isa, out, y);
    }
}

static void cn__conv_tangent(cn_io *io) {
    cn_affine a;
    size_t i, j, in = cn__size(io->item->in), out = cn__size(io->item->out);
    const cn_real *x = io->x, *x_t = io->x_t, *patches = NULL;
    cn_real *y_t = io->y_t;
    cn__conv_affine(io->item, &a);
    for (i = 0; i < io->n; i++, x += in) {
        if (io->theta_t) patches = cn__conv_view(io->item, x, io->scratch);
        for (j = 0; j < io->k; j++, y_t += out) {
            const cn_real *w_t = io->theta_t ? io->theta_t + j * io->stride : NULL;
            if (x_t) {
                cn__conv_apply(io, &a, io->theta, cn__conv_view(io->item, x_t, io->scratch + io->item->work / 2), 0,
                               y_t);
                x_t += in;
            }
            if (!w_t) continue;
            cn__conv_apply(io, &a, w_t, patches, x_t ? 1 : 0, y_t);
            if (a.bias) cn__add_to_rows(a.rows, a.positions, w_t + a.rows * a.cols, y_t);
        }
    }
}

static void cn__conv_backward(cn_io *io) {
    cn_affine a;
    size_t i, j, in = cn__size(io->item->in), out = cn__size(io->item->out);
    const cn_real *x = io->x, *gy = io->gy, *patches = NULL;
    cn_real *gx = io->gx;
    cn__conv_affine(io->item, &a);
    for (i = 0; i < io->n; i++, x += in) {
        if (io->gtheta) patches = cn__conv_view(io->item, x, io->scratch);
        for (j = 0; j < io->k; j++, gy += out) {
            if (gx) {
                memset(gx, 0, in * sizeof *gx);
                cn__conv_transposed(io, &a, io->theta, gy, io->scratch + io->item->work / 2, gx);
                gx += in;
            }
            if (!io->gtheta) continue;
            cn__conv_weights(io, &a, gy, patches, io->gtheta + j * io->stride);
            if (a.bias) cn__sum_of_rows(a.rows, a.positions, gy, io->gtheta + j * io->stride + a.rows * a.cols);
        }
    }
}

static void cn__conv_second(cn_io *io) {
    cn_affine a;
    size_t i, j, in = cn__size(io->item->in), out = cn__size(io->item->out);
    const cn_real *x = io->x, *x_t = io->x_t, *gy = io->gy, *gy_t = io->gy_t, *patches = NULL;
    cn_real *gx_t = io->gx_t, *room = io->scratch + io->item->work / 2;
    cn__conv_affine(io->item, &a);
    for (i = 0; i < io->n; i++, x += in, gy += out) {
        if (io->gtheta) patches = cn__conv_view(io->item, x, io->scratch);
        for (j = 0; j < io->k; j++, gy_t += out) {
            cn_real *g = io->gtheta ? io->gtheta + j * io->stride : NULL;
            if (gx_t) {
                memset(gx_t, 0, in * sizeof *gx_t);
                cn__conv_transposed(io, &a, io->theta, gy_t, room, gx_t);
                if (io->theta_t) cn__conv_transposed(io, &a, io->theta_t + j * io->stride, gy, room, gx_t);
                gx_t += in;
            }
            if (g) {
                cn__conv_weights(io, &a, gy_t, patches, g);
                if (x_t) cn__conv_weights(io, &a, gy, cn__conv_view(io->item, x_t, room), g);
                if (a.bias) cn__sum_of_rows(a.rows, a.positions, gy_t, g + a.rows * a.cols);
            }
            if (x_t) x_t += in;
        }
    }
}

/* ---- pooling: windows of side x side per channel; linear given the argmax, so tangent = forward's linear map and
   second = backward */

static int cn__pool_shape(cn_item *item, const char **why) {
    const double *a = item->arg;
    double stride = a[1] == 0 ? a[0] : a[1];
    if (!cn__whole(a[0]) || !cn__whole(stride) || a[0] > 65535 || stride > 65535) {
        *why = "side and stride must be whole numbers from 1 to 65535";
        return CN_E_SHAPE;
    }
    item->arg[1] = stride;
    item->out.c = item->in.c;
    item->out.h = cn__window(item->in.h, (size_t)a[0], (size_t)stride, 0);
    item->out.w = cn__window(item->in.w, (size_t)a[0], (size_t)stride, 0);
    if (!item->out.h || !item->out.w) {
        *why = "the window is larger than the input";
        return CN_E_SHAPE;
    }
    return CN_OK;
}

static int cn__maxpool_shape(cn_item *item, const char **why) {
    int status = cn__pool_shape(item, why);
    item->saved = cn__size(item->out); /* which input was the largest */
    if (!CN__DOUBLE && cn__size(item->in) > (size_t)1 << 24) {
        *why = "a float cannot number its inputs";
        return CN_E_SIZE;
    }
    return status;
}

static void cn__maxpool_forward(cn_io *io) /* ties: the first in row-major order; the first NaN wins */
{
    const cn_item *m = io->item;
    size_t side = (size_t)m->arg[0], stride = (size_t)m->arg[1], i, c, h, w, u, v, best, at;
    const cn_real *x = io->x;
    cn_real *y = io->y, *saved = io->saved;
    for (i = 0; i < io->n; i++, x += cn__size(m->in))
        for (c = 0; c < m->in.c; c++)
            for (h = 0; h < m->out.h; h++)
                for (w = 0; w < m->out.w; w++) {
                    best = (c * m->in.h + h * stride) * m->in.w + w * stride;
                    for (u = 0; u < side; u++)
                        for (v = 0; v < side; v++) {
                            at = (c * m->in.h + h * stride + u) * m->in.w + w * stride + v;
                            if ((x[at] > x[best] || cn__nan((double)x[at])) && !cn__nan((double)x[best])) best = at;
                        }
                    *y++ = x[best];
                    *saved++ = (cn_real)best;
                }
}

static void cn__maxpool_tangent(cn_io *io) {
    size_t in = cn__size(io->item->in), out = cn__size(io->item->out), i, j, s;
    const cn_real *x_t = io->x_t, *saved = io->saved;
    cn_real *y_t = io->y_t;
    for (i = 0; i < io->n; i++, saved += out)
        for (j = 0; j < io->k; j++, x_t += in)
            for (s = 0; s < out; s++) *y_t++ = x_t[(size_t)saved[s]];
}

static void cn__maxpool_spread(const cn_io *io, const cn_real *gy, cn_real *gx) {
    size_t in = cn__size(io->item->in), out = cn__size(io->item->out), i, j, s;
    const cn_real *saved = io->saved;
    memset(gx, 0, io->n * io->k * in * sizeof *gx);
    for (i = 0; i < io->n; i++, saved += out)
        for (j = 0; j < io->k; j++, gx += in)
            for (s = 0; s < out; s++) gx[(size_t)saved[s]] += *gy++;
}
static void cn__maxpool_backward(cn_io *io) { cn__maxpool_spread(io, io->gy, io->gx); }
static void cn__maxpool_second(cn_io *io) { cn__maxpool_spread(io, io->gy_t, io->gx_t); }

/* Means over windows, count samples; `back`: the transposed map, out is x-shaped. gap is a window of the whole
   plane. */
static void cn__avgpool_map(const cn_item *m, size_t count, const cn_real *from, cn_real *to, int back) {
    size_t side_h = m->arg[0] == 0 ? m->in.h : (size_t)m->arg[0], side_w = m->arg[0] == 0 ? m->in.w : (size_t)m->arg[0],
           stride = m->arg[0] == 0 ? 1 : (size_t)m->arg[1], i, c, h, w, u, v;
    double scale = 1 / ((double)side_h * (double)side_w), sum;
    if (back) memset(to, 0, count * cn__size(m->in) * sizeof *to);
    for (i = 0; i < count; i++, from += back ? 0 : cn__size(m->in), to += back ? cn__size(m->in) : 0)
        for (c = 0; c < m->in.c; c++)
            for (h = 0; h < m->out.h; h++)
                for (w = 0; w < m->out.w; w++) {
                    size_t at = (c * m->in.h + h * stride) * m->in.w + w * stride;
                    for (sum = 0, u = 0; u < side_h; u++)
                        for (v = 0; v < side_w; v++) {
                            if (back)
                                to[at + u * m->in.w + v] += (cn_real)(scale * (double)*from);
                            else
                                sum += (double)from[at + u * m->in.w + v];
                        }
                    if (back)
                        from++;
                    else
                        *to++ = (cn_real)(scale * sum);
                }
}
static int cn__gap_shape(cn_item *item, const char **why) {
    (void)why;
    item->out.c = item->in.c;
    item->out.h = item->out.w = 1;
    return CN_OK;
}
static void cn__avgpool_forward(cn_io *io) { cn__avgpool_map(io->item, io->n, io->x, io->y, 0); }
static void cn__avgpool_tangent(cn_io *io) { cn__avgpool_map(io->item, io->n * io->k, io->x_t, io->y_t, 0); }
static void cn__avgpool_backward(cn_io *io) { cn__avgpool_map(io->item, io->n * io->k, io->gy, io->gx, 1); }
static void cn__avgpool_second(cn_io *io) { cn__avgpool_map(io->item, io->n * io->k, io->gy_t, io->gx_t, 1); }

/* ---- flatten: the same numbers as a vector */

static int cn__flatten_shape(cn_item *item, const char **why) {
    (void)why;
    item->out.c = cn__size(item->in);
    item->out.h = item->out.w = 1;
    return CN_OK;
}
static void cn__copy_signal(const cn_io *io, size_t vectors, const cn_real *from, cn_real *to) {
    if (from != to) memcpy(to, from, vectors * cn__size(io->item->in) * sizeof *to);
}
static void cn__flatten_forward(cn_io *io) { cn__copy_signal(io, io->n, io->x, io->y); }
static void cn__flatten_tangent(cn_io *io) { cn__copy_signal(io, io->n * io->k, io->x_t, io->y_t); }
static void cn__flatten_backward(cn_io *io) { cn__copy_signal(io, io->n * io->k, io->gy, io->gx); }
static void cn__flatten_second(cn_io *io) { cn__copy_signal(io, io->n * io->k, io->gy_t, io->gx_t); }

/* ---- batchnorm per channel: y = gamma (x - mean)/sqrt(var + 1e-5) + beta; running statistics in eval, the batch's own
   in train mode */

static int cn__batchnorm_shape(cn_item *item, const char **why) {
    (void)why;
    item->out = item->in;
    /* saved: mean and 1/sd per channel, train mode, in the first sample's place */
    item->params = item->state = item->saved = 2 * item->in.c;
    return CN_OK;
}

static void cn__batchnorm_init(const cn_item *item, cn_real *params, cn_real *state) {
    size_t c;
    for (c = 0; c < item->in.c; c++) {
        params[c] = 1;
        params[item->in.c + c] = 0;
        state[c] = 0;
        state[item->in.c + c] = 1;
    }
}

static void cn__batchnorm_affine(const cn_item *item, cn_affine *a) {
    memset(a, 0, sizeof *a);
    a->positions = item->in.h * item->in.w;
    a->groups = a->rows = item->in.c;
    a->cols = 1;
    a->bias = 1;
}

static void cn__batchnorm_scale(const cn_io *io, size_t c, cn_real *mean, cn_real *scale) {
    size_t C = io->item->in.c;
    if (io->train) {
        *mean = io->saved[c];
        *scale = io->saved[C + c];
        return;
    }
    *mean = io->state[c];
    *scale = (cn_real)(1 / sqrt((double)io->state[C + c] + 1e-5));
}

static void cn__batchnorm_unfold(cn_io *io, const cn_real *x, cn_real *patches) {
    size_t C = io->item->in.c, P = io->item->in.h * io->item->in.w, c, i;
    cn_real mean, scale;
    for (c = 0; c < C; c++) {
        cn__batchnorm_scale(io, c, &mean, &scale);
        for (i = 0; i < P; i++) *patches++ = (*x++ - mean) * scale;
    }
}

static void cn__batchnorm_statistics(cn_io *io) {
    size_t C = io->item->in.c, P = io->item->in.h * io->item->in.w, c, i, s, count = io->n * P;
    double sum, squares, mean, d;
    for (c = 0; c < C; c++) {
        for (sum = 0, i = 0; i < io->n; i++)
            for (s = 0; s < P; s++) sum += (double)io->x[(i * C + c) * P + s];
        mean = sum / (double)count;
        for (squares = 0, i = 0; i < io->n; i++)
            for (s = 0; s < P; s++) {
                d = (double)io->x[(i * C + c) * P + s] - mean;
                squares += d * d;
            }
        io->saved[c] = (cn_real)mean;
        io->saved[C + c] = (cn_real)(1 / sqrt(squares / (double)count + 1e-5));
        if (!io->new_state) continue;
        io->new_state[c] = (cn_real)mean;
        /* PyTorch: biased in the pass, unbiased in the running value */
        io->new_state[C + c] = (cn_real)(squares / (double)CN__MAX(count - 1, 1));
    }
}

static void cn__batchnorm_forward(cn_io *io) {
    size_t C = io->item->in.c, P = io->item->in.h * io->item->in.w, i, c, s;
    const cn_real *x = io->x;
    cn_real *y = io->y, mean, scale;
    if (io->train) cn__batchnorm_statistics(io);
    for (i = 0; i < io->n; i++)
        for (c = 0; c < C; c++) {
            cn__batchnorm_scale(io, c, &mean, &scale);
            for (s = 0; s < P; s++) *y++ = io->theta[c] * ((*x++ - mean) * scale) + io->theta[C + c];
        }
}

static void cn__batchnorm_tangent(cn_io *io) /* eval: gamma x_t/sd + gamma_t x^ + beta_t */
{
    size_t C = io->item->in.c, P = io->item->in.h * io->item->in.w, i, j, c, s;
    const cn_real *x = io->x, *x_t = io->x_t;
    cn_real *y_t = io->y_t, mean, scale;
    for (i = 0; i < io->n; i++, x += C * P)
        for (j = 0; j < io->k; j++)
            for (c = 0; c < C; c++) {
                const cn_real *t = io->theta_t ? io->theta_t + j * io->stride : NULL;
                cn__batchnorm_scale(io, c, &mean, &scale);
                for (s = 0; s < P; s++) {
                    cn_real v = x_t ? io->theta[c] * scale * *x_t++ : 0;
                    if (t) v += t[c] * ((x[c * P + s] - mean) * scale) + t[C + c];
                    *y_t++ = v;
                }
            }
}

static void cn__batchnorm_backward_eval(cn_io *io) {
    size_t C = io->item->in.c, P = io->item->in.h * io->item->in.w, i, j, c, s;
    const cn_real *x = io->x, *gy = io->gy;
    cn_real *gx = io->gx, mean, scale;
    for (i = 0; i < io->n; i++, x += C * P)
        for (j = 0; j < io->k; j++)
            for (c = 0; c < C; c++, gy += P) {
                double sum = 0, dot = 0;
                cn__batchnorm_scale(io, c, &mean, &scale);
                for (s = 0; s < P; s++) {
                    sum += (double)gy[s];
                    dot += (double)gy[s] * (double)((x[c * P + s] - mean) * scale);
                }
                for (s = 0; gx && s < P; s++) *gx++ = io->theta[c] * scale * gy[s];
                if (!io->gtheta) continue;
                io->gtheta[j * io->stride + c] += (cn_real)dot;
                io->gtheta[j * io->stride + C + c] += (cn_real)sum;
            }
}

/* train (k = 1): the batch's mean and variance depend on every x [Ioffe, Szegedy 2015] */
static void cn__batchnorm_backward(cn_io *io) {
    size_t C = io->item->in.c, P = io->item->in.h * io->item->in.w, i, c, s, at;
    double sum, dot, count = (double)io->n * (double)P, x_hat;
    cn_real mean, scale;
    if (!io->train) {
        cn__batchnorm_backward_eval(io);
        return;
    }
    for (c = 0; c < C; c++) {
        cn__batchnorm_scale(io, c, &mean, &scale);
        for (sum = dot = 0, i = 0; i < io->n; i++)
            for (s = 0; s < P; s++) {
                at = (i * C + c) * P + s;
                sum += (double)io->gy[at];
                dot += (double)io->gy[at] * (double)((io->x[at] - mean) * scale);
            }
        if (io->gtheta) {
            io->gtheta[c] += (cn_real)dot;
            io->gtheta[C + c] += (cn_real)sum;
        }
        for (i = 0; io->gx && i < io->n; i++)
            for (s = 0; s < P; s++) {
                at = (i * C + c) * P + s;
                x_hat = (double)((io->x[at] - mean) * scale);
                io->gx[at] = (cn_real)((double)io->theta[c] * (double)scale *
                                       ((double)io->gy[at] - sum / count - x_hat * dot / count));
            }
    }
}

/* eval: gx_t = (gamma gy_t + gamma_t gy)/sd; gamma: sum gy_t x^ + gy x_t/sd; beta: sum gy_t */
static void cn__batchnorm_second(cn_io *io) {
    size_t C = io->item->in.c, P = io->item->in.h * io->item->in.w, i, j, c, s;
    const cn_real *x = io->x, *x_t = io->x_t, *gy = io->gy, *gy_t = io->gy_t;
    cn_real *gx_t = io->gx_t, mean, scale;
    for (i = 0; i < io->n; i++, x += C * P, gy += C * P)
        for (j = 0; j < io->k; j++)
            for (c = 0; c < C; c++, gy_t += P) {
                const cn_real *t = io->theta_t ? io->theta_t + j * io->stride : NULL;
                double sum = 0, dot = 0;
                cn__batchnorm_scale(io, c, &mean, &scale);
                for (s = 0; s < P; s++) {
                    sum += (double)gy_t[s];
                    dot += (double)gy_t[s] * (double)((x[c * P + s] - mean) * scale);
                    if (x_t) dot += (double)gy[c * P + s] * (double)(*x_t++ * scale);
                    if (gx_t) *gx_t++ = scale * (io->theta[c] * gy_t[s] + (t ? t[c] * gy[c * P + s] : 0));
                }
                if (!io->gtheta) continue;
                io->gtheta[j * io->stride + c] += (cn_real)dot;
                io->gtheta[j * io->stride + C + c] += (cn_real)sum;
            }
}

/* ---- dropout: identity in eval; in train mode y = mask x / (1 - p), the mask drawn from (seed, step, item, sample)
   alone */

static int cn__dropout_shape(cn_item *item, const char **why) {
    if (!(item->arg[0] >= 0 && item->arg[0] < 1)) {
        *why = "the share dropped must be in [0, 1)";
        return CN_E_SHAPE;
    }
    item->out = item->in;
    return CN_OK;
}

static void cn__dropout_map(const cn_io *io, size_t k, const cn_real *from, cn_real *to) {
    size_t size = cn__size(io->item->in), i, j, s;
    double p = io->item->arg[0];
    cn_real keep = (cn_real)(1 / (1 - p));
    uint64_t stream = cn_stream(CN_FOR_MASKS, io->number), word[2], key[2];
    if (!io->train || p == 0) {
        cn__copy_signal(io, io->n * k, from, to);
        return;
    }
    cn__philox(io->seed, stream, io->step, key); /* a seed for each step, of which any 64 bits may be used */
    for (i = 0; i < io->n; i++, from += k * size, to += k * size)
        for (s = 0; s < size; s++) {
            if (s % 4 == 0) cn__philox(key[0], stream, (uint64_t)io->sample[i] << 32 | s / 4, word);
            for (j = 0; j < k; j++)
                to[j * size + s] = (double)(uint32_t)(word[s % 4 / 2] >> s % 2 * 32) < p * 4294967296.0
                                       ? 0
                                       : from[j * size + s] * keep;
        }
}
static void cn__dropout_forward(cn_io *io) { cn__dropout_map(io, 1, io->x, io->y); }
static void cn__dropout_tangent(cn_io *io) { cn__dropout_map(io, io->k, io->x_t, io->y_t); }
static void cn__dropout_backward(cn_io *io) { cn__dropout_map(io, io->k, io->gy, io->gx); }
static void cn__dropout_second(cn_io *io) { cn__dropout_map(io, io->k, io->gy_t, io->gx_t); }

/* ---- the table */

#define CN__FOUR(shape, name) \
    cn__##shape##_shape, cn__##name##_forward, cn__##name##_tangent, cn__##name##_backward, cn__##name##_second
#define CN__NONE NULL, NULL, NULL, NULL, NULL
#define CN__STATES "running_mean running_var"

/* clang-format off */
/* name, arguments, pointwise | shape and kernels, affine, kinks, in place, unfold, init, states, names, fuse, he */
#define CN__ROW_dense     {"dense", "out bias=1", NULL, CN__FOUR(dense, dense), cn__dense_affine, 1, 0, NULL, NULL, NULL, NULL, CN_FUSE_TAKES, 0},
#define CN__ROW_conv      {"conv", "out side stride=1 pad=0 groups=1 bias=1", NULL, CN__FOUR(conv, conv), cn__conv_affine, 1, 0, cn__conv_unfold, NULL, NULL, NULL, CN_FUSE_TAKES, 0},
#define CN__ROW_maxpool   {"maxpool", "side stride=0", NULL, CN__FOUR(maxpool, maxpool), NULL, 1, 0, NULL, NULL, NULL, NULL, 0, 0},
#define CN__ROW_avgpool   {"avgpool", "side stride=0", NULL, CN__FOUR(pool, avgpool), NULL, 1, 0, NULL, NULL, NULL, NULL, 0, 0},
#define CN__ROW_gap       {"gap", NULL, NULL, CN__FOUR(gap, avgpool), NULL, 1, 0, NULL, NULL, NULL, NULL, 0, 0},
#define CN__ROW_flatten   {"flatten", NULL, NULL, CN__FOUR(flatten, flatten), NULL, 1, 1, NULL, NULL, NULL, NULL, 0, 0},
#define CN__ROW_batchnorm {"batchnorm", NULL, NULL, CN__FOUR(batchnorm, batchnorm), cn__batchnorm_affine, 1, 0, cn__batchnorm_unfold, cn__batchnorm_init, CN__STATES, "weight bias", 0, 0},
#define CN__ROW_dropout   {"dropout", "share=0.5", NULL, CN__FOUR(dropout, dropout), NULL, 1, 0, NULL, NULL, NULL, NULL, 0, 0},
#define CN__ROW_softmax   {"softmax", NULL, NULL, CN__FOUR(softmax, softmax), NULL, 0, 0, NULL, NULL, NULL, NULL, 0, 0},
#define CN__ROW_relu      {"relu", NULL, cn__row_relu, CN__NONE, NULL, 1, 1, NULL, NULL, NULL, NULL, CN_FUSE_RELU, 1},
#define CN__ROW_leaky     {"leaky", "slope=0.01", cn__row_leaky, CN__NONE, NULL, 1, 0, NULL, NULL, NULL, NULL, 0, 1},
#define CN__ROW_tanh      {"tanh", NULL, cn__row_tanh, CN__NONE, NULL, 0, 0, NULL, NULL, NULL, NULL, 0, 0},
#define CN__ROW_sigmoid   {"sigmoid", NULL, cn__row_sigmoid, CN__NONE, NULL, 0, 0, NULL, NULL, NULL, NULL, 0, 0},
#define CN__ROW_softplus  {"softplus", NULL, cn__row_softplus, CN__NONE, NULL, 0, 0, NULL, NULL, NULL, NULL, 0, 0},
#define CN__ROW_gelu      {"gelu", NULL, cn__row_gelu, CN__NONE, NULL, 0, 0, NULL, NULL, NULL, NULL, 0, 1},
#define CN__ROW_silu      {"silu", NULL, cn__row_silu, CN__NONE, NULL, 0, 0, NULL, NULL, NULL, NULL, 0, 1},
/* clang-format on */
#define CN__ROW(name) CN__ROW_##name
#ifndef CN_LAYERS /* a small target may define a shorter list */
/* clang-format off */
#define CN_LAYERS(X) \
    X(dense) X(conv) X(maxpool) X(avgpool) X(gap) X(flatten) X(batchnorm) X(dropout) X(softmax) \
    X(relu) X(leaky) X(tanh) X(sigmoid) X(softplus) X(gelu) X(silu)
/* clang-format on */
#endif
static const cn_layer cn__layers[] = {CN_LAYERS(CN__ROW)};
#define CN__LAYER_COUNT (sizeof cn__layers / sizeof cn__layers[0])

CN_API const cn_layer *cn_layers(size_t *count) {
    if (count) *count = CN__LAYER_COUNT;
    return cn__layers;
}

/* ---- the network */

typedef struct cn__node {
    const cn_layer *row;
    cn_item item;      /* row NULL: the sum at a residual's end, of from and also */
    size_t from, also; /* nodes whose outputs are the input */
    size_t activation; /* the first pointwise node that its output meets; CN_INPUT: none before other weights */
    size_t theta, state, saved; /* offsets of its parameters, statistics, saved reals */
    size_t at;                  /* where its output lies: features of the nodes before it; in place: its input's */
    size_t in, out;             /* sizes of item.in and item.out */
    cn_affine affine;
    int has_affine, in_place, fused; /* fused: this relu runs in the sweep of the node before it */
    char name[40];                   /* "2", "3.body.0" */
} cn__node;

struct cn_net { /* without the context that made it: threads with contexts of their own may share it */
    cn__node *node;
    size_t count;
    size_t inputs, outputs, params, state, saved;
    /* features kept a sample; largest input or output; most parameters, scratch of a layer */
    size_t features, widest, widest_params, work;
    size_t gemm_wide; /* the largest side of a product in a layer, samples aside */
    size_t lone;      /* a batchnorm of one position, which must not see a batch of one; CN_INPUT: none */
    int piecewise_linear, branches;
};

#define CN__NAME_BYTES 24

/* Next word of an item; 0 at its end: ; line end, a brace, text end. # comments run to the line's end. */
static int cn__word(const char **text, char *word, size_t *length) {
    const char *s = *text;
    size_t n = 0;
    while (*s == ' ' || *s == '\t' || *s == '\r') s++;
    if (*s == '#')
        while (*s && *s != '\n') s++;
    for (; *s && !strchr(" \t\r;\n#{}", *s); s++, n++)
        if (n < CN__NAME_BYTES - 1) word[n] = *s;
    word[CN__MIN(n, CN__NAME_BYTES - 1)] = 0;
    *length = n;
    *text = s;
    return n > 0;
}

static int cn__same(const char *a, const char *b) { return strcmp(a, b) == 0; }

static const cn_layer *cn__find_layer(const cn_ctx *c, const char *name) {
    size_t i;
    for (i = 0; i < c->layer_count; i++)
        if (cn__same(c->layers[i].name, name)) return c->layers + i;
    for (i = 0; i < CN__LAYER_COUNT; i++)
        if (cn__same(cn__layers[i].name, name)) return cn__layers + i;
    return NULL;
}

/* The name and default of argument i of "out bias=1"; 0 when there is none. */
static int cn__argument(const char *args, int i, char *name, double *value, int *has_default) {
    size_t n = 0;
    for (; args && *args; i--) {
        while (*args == ' ') args++;
        for (n = 0; *args && *args != ' ' && *args != '='; args++)
            if (n < CN__NAME_BYTES - 1) name[n++] = *args;
        name[n] = 0;
        *has_default = *args == '=';
        if (*has_default) args = cn__parse_number(args + 1, value);
        if (i == 0) return n > 0;
    }
    return 0;
}

/* Reads the arguments after an item's name: in order, or name=value. */
static int cn__parse_arguments(cn_ctx *c, const char *number, const cn_layer *row, const char **text, cn_item *item) {
    char word[CN__NAME_BYTES], name[CN__NAME_BYTES];
    int given[8] = {0}, i, k, has_default;
    size_t length;
    double value;
    const char *end;
    for (k = 0; cn__word(text, word, &length); k++) {
        const char *equals = strchr(word, '='), *digits = equals ? equals + 1 : word;
        for (i = equals ? 0 : k; i < 8 && cn__argument(row->args, i, name, &value, &has_default); i++)
            if (!equals || (strncmp(word, name, (size_t)(equals - word)) == 0 && !name[equals - word])) break;
        if (i == 8 || !cn__argument(row->args, i, name, &value, &has_default))
            return cn__fail(c, CN_E_TEXT, "item %s '%s' has no argument '%s'; its arguments are: %s", number, row->name,
                            word, row->args ? row->args : "none");
        end = cn__parse_number(digits, &value);
        if (end == digits || *end || length >= CN__NAME_BYTES || !cn__finite(value))
            return cn__fail(c, CN_E_TEXT, "item %s '%s': '%s' should be a number for '%s'", number, row->name, digits,
                            name);
        if (given[i]) return cn__fail(c, CN_E_TEXT, "item %s '%s': '%s' is given twice", number, row->name, name);
        given[i] = 1;
        item->arg[i] = value;
    }
    for (i = 0; i < 8 && cn__argument(row->args, i, name, &value, &has_default); i++) {
        if (given[i]) continue;
        if (!has_default) return cn__fail(c, CN_E_TEXT, "item %s '%s': '%s' is missing", number, row->name, name);
        item->arg[i] = value;
    }
    return CN_OK;
}

static int cn__parse_input(cn_ctx *c, const char **text, cn_shape *shape, size_t *inputs) {
    size_t side[3] = {1, 1, 1}, length;
    int n = 0;
    char word[CN__NAME_BYTES];
    double value;
    const char *end;
    for (; cn__word(text, word, &length); n++) {
        end = cn__parse_number(word, &value);
        if (n == 3 || end == word || *end || length >= CN__NAME_BYTES || !cn__whole(value))
            return cn__fail(c, CN_E_TEXT,
                            "'input': '%s' should be a whole number from 1, and there are one or three of them", word);
        side[n] = (size_t)value;
    }
    if (n != 1 && n != 3)
        return cn__fail(c, CN_E_TEXT,
                        "'input' takes one size (a vector) or three (channels, height, width); here are %d", n);
    shape->c = side[0];
    shape->h = side[1];
    shape->w = side[2];
    if (cn__overflows(shape->c, shape->h) || cn__overflows(shape->c * shape->h, shape->w))
        return cn__fail(c, CN_E_SIZE, "'input': the size overflows");
    *inputs = shape->c * shape->h * shape->w;
    return CN_OK;
}

/* A network being built: the first run only counts and checks, nodes are stored in the second. */
typedef struct cn__builder {
    cn_ctx *ctx;
    cn_net net;
    const char *text;
    int store;
    cn__node last;
} cn__builder;

static const char *cn__row_name(const cn__node *node) { return node->row ? node->row->name : "residual"; }

/* Shapes and parameters of one more node. alone: nothing but this node takes the output of the one before it. */
static int cn__add_node(cn__builder *b, cn__node *node, int alone) {
    cn_net *net = &b->net;
    const cn_layer *row = node->row;
    const char *why = "its shape does not fit";
    int status = CN_OK;
    const cn__node *before = &b->last;
    if (row && !row->pointwise && !(row->shape && row->forward && row->tangent && row->backward && row->second))
        return cn__fail(b->ctx, CN_E_ARGUMENT, "item %s '%s': the row lacks pointwise, or shape and the four kernels",
                        node->name, row->name);
    node->in = cn__size(node->item.in);
    if (!row || row->pointwise)
        node->item.out = node->item.in;
    else
        status = row->shape(&node->item, &why);
    if (status)
        return cn__fail(b->ctx, status, "item %s '%s' on %z x %z x %z: %s", node->name, row->name, node->item.in.c,
                        node->item.in.h, node->item.in.w, why);
    node->out = cn__size(node->item.out);
    if (row && row->affine) {
        node->has_affine = 1;
        row->affine(&node->item, &node->affine);
        node->affine.groups = CN__MAX(node->affine.groups, 1);
    }
    /* affine rows do not read their y again */
    node->in_place =
        row && row->in_place && alone && net->count > 0 && before->row && (before->has_affine || !row->pointwise);
    node->fused = node->in_place && row->fuse == CN_FUSE_RELU && before->row->fuse == CN_FUSE_TAKES;
    node->at = net->features - (node->in_place ? node->in : 0);
    node->theta = net->params;
    node->state = net->state;
    node->saved = net->saved;
    if (node->item.params > (size_t)-1 / 128 || node->out > (size_t)-1 / 128 || node->item.saved > (size_t)-1 / 128 ||
        net->params > (size_t)-1 / 64 - node->item.params || net->features > (size_t)-1 / 64 - node->out ||
        net->saved > (size_t)-1 / 64 - node->item.saved)
        return cn__fail(b->ctx, CN_E_SIZE, "item %s '%s': the network is larger than can be addressed", node->name,
                        cn__row_name(node));
    net->params += node->item.params;
    net->state += node->item.state;
    net->saved += node->item.saved;
    net->features = node->at + node->out;
    net->widest = CN__MAX(net->widest, CN__MAX(node->in, node->out));
    net->widest_params = CN__MAX(net->widest_params, node->item.params);
    net->work = CN__MAX(net->work, node->item.work);
    net->gemm_wide =
        CN__MAX(net->gemm_wide, CN__MAX(node->affine.rows, CN__MAX(node->affine.cols, node->affine.positions)));
    net->outputs = node->out;
    if (row && !(row->kinks && (row->affine || !node->item.params))) net->piecewise_linear = 0;
    if (row && row->forward == cn__batchnorm_forward && node->affine.positions == 1)
        net->lone = CN__MIN(net->lone, net->count);
    if (b->store) net->node[net->count] = *node;
    b->last = *node;
    net->count++;
    return CN_OK;
}

/* prefix + number (+ word) as a name; CN_E_TEXT when it is too long. */
static int cn__name_item(cn_ctx *c, const char *prefix, size_t number, const char *word, char name[40]) {
    char digits[24];
    size_t n = sizeof digits - 1, length = strlen(prefix);
    digits[n] = 0;
    do digits[--n] = (char)('0' + (int)(number % 10));
    while ((number /= 10) != 0);
    if (length + strlen(digits + n) + strlen(word) >= 40)
        return cn__fail(c, CN_E_TEXT, "item %s%s%s: residuals are nested too deeply", prefix, digits + n, word);
    strcpy(name, prefix);
    strcpy(name + length, digits + n);
    strcpy(name + strlen(name), word);
    return CN_OK;
}

static const char *cn__gap(const char *s) /* past blanks, line ends, ; and comments */
{
    for (; *s && strchr(" \t\r\n;#", *s); s++)
        if (*s == '#') {
            while (s[1] && s[1] != '\n') s++;
        }
    return s;
}

static int cn__parse_residual(cn__builder *b, const char *name, cn_shape *shape, size_t *from);

/* Items up to a closing brace or the text's end. shape and from: what comes in, then what goes out. */
static int cn__parse_items(cn__builder *b, const char *prefix, cn_shape *shape, size_t *from) {
    cn_ctx *c = b->ctx;
    char word[CN__NAME_BYTES];
    size_t length, number = 0;
    int status;
    cn__node node;
    for (b->text = cn__gap(b->text); *b->text && *b->text != '}'; b->text = cn__gap(b->text), number++) {
        memset(&node, 0, sizeof node);
        if ((status = cn__name_item(c, prefix, number, "", node.name)) != CN_OK) return status;
        if (!cn__word(&b->text, word, &length))
            return cn__fail(c, CN_E_TEXT, "item %s: '{' stands only after 'residual' and 'skip'", node.name);
        if (cn__same(word, "residual"))
            status = cn__parse_residual(b, node.name, shape, from);
        else {
            node.row = length < CN__NAME_BYTES ? cn__find_layer(c, word) : NULL;
            if (!node.row) return cn__fail(c, CN_E_TEXT, "item %s '%s' is not a known layer", node.name, word);
            node.item.in = *shape;
            node.from = *from;
            node.also = CN_INPUT;
            status = cn__parse_arguments(c, node.name, node.row, &b->text, &node.item);
            if (status == CN_OK && *b->text == '{')
                status = cn__fail(c, CN_E_TEXT, "item %s '%s': '{' stands only after 'residual' and 'skip'", node.name,
                                  word);
            if (status == CN_OK) status = cn__add_node(b, &node, number > 0 || !*prefix);
            *shape = b->last.item.out;
            *from = b->net.count - 1;
        }
        if (status) return status;
    }
    return CN_OK;
}

static int cn__parse_braces(cn__builder *b, const char *name, const char *which, cn_shape *shape, size_t *from) {
    char prefix[40];
    int status;
    size_t nodes = b->net.count;
    if (strlen(name) + strlen(which) >= sizeof prefix)
        return cn__fail(b->ctx, CN_E_TEXT, "item %s: residuals are nested too deeply", name);
    strcpy(prefix, name);
    strcpy(prefix + strlen(prefix), which);
    b->text = cn__gap(b->text);
    if (*b->text != '{') return cn__fail(b->ctx, CN_E_TEXT, "item %s: '{' is missing", name);
    b->text++;
    if ((status = cn__parse_items(b, prefix, shape, from)) != CN_OK) return status;
    if (*b->text != '}') return cn__fail(b->ctx, CN_E_TEXT, "item %s: '}' is missing", name);
    b->text++;
    return nodes == b->net.count ? cn__fail(b->ctx, CN_E_TEXT, "item %s: nothing stands between its braces", name)
                                 : CN_OK;
}

/* residual { body } [skip { ... }]: a sum of the body's end and the skip's, or the input. */
static int cn__parse_residual(cn__builder *b, const char *name, cn_shape *shape, size_t *from) {
    cn_shape body = *shape, skip = *shape;
    size_t body_end = *from, skip_end = *from;
    cn__node sum;
    const char *next;
    int status;
    if ((status = cn__parse_braces(b, name, ".body.", &body, &body_end)) != CN_OK) return status;
    next = cn__gap(b->text);
    if (strncmp(next, "skip", 4) == 0 && next[4] && strchr(" \t\r\n{", next[4])) {
        b->text = next + 4;
        if ((status = cn__parse_braces(b, name, ".skip.", &skip, &skip_end)) != CN_OK) return status;
    }
    if (body.c != skip.c || body.h != skip.h || body.w != skip.w)
        return cn__fail(b->ctx, CN_E_SHAPE, "item %s 'residual': its body gives %z x %z x %z, its skip %z x %z x %z",
                        name, body.c, body.h, body.w, skip.c, skip.h, skip.w);
    memset(&sum, 0, sizeof sum);
    strcpy(sum.name, name);
    sum.item.in = body;
    sum.from = body_end;
    sum.also = skip_end;
    b->net.branches = 1;
    if ((status = cn__add_node(b, &sum, 0)) != CN_OK) return status;
    *shape = body;
    *from = b->net.count - 1;
    return CN_OK;
}

static int cn__init_by_scheme(const cn__node *node) { return node->has_affine && !node->row->init; }

/* Past what is neither: pooling, batchnorm, flatten, dropout, the ends of residuals; of two ways the first in the text.
   */
static void cn__find_activations(cn_net *net) {
    size_t i, met;
    for (i = 0; i < net->count; i++) net->node[i].activation = CN_INPUT;
    for (i = net->count; i-- > 0;) {
        const cn__node *node = net->node + i;
        met = node->row && node->row->pointwise ? i : cn__init_by_scheme(node) ? CN_INPUT : node->activation;
        if (met != CN_INPUT && node->from != CN_INPUT) net->node[node->from].activation = met;
        if (met != CN_INPUT && !node->row && node->also != CN_INPUT) net->node[node->also].activation = met;
    }
}

static int cn__net_create(cn__ws *w, const char *text) {
    cn_ctx *c = w->ctx;
    cn__builder b;
    cn_net *net;
    cn_shape shape;
    char word[CN__NAME_BYTES];
    size_t items = 1, length, from = CN_INPUT;
    const char *s;
    int status;
    if (!text) return cn__fail(c, CN_E_ARGUMENT, "network: the text is missing");
    for (s = text; *s; s++) items += strchr(";\n{}", *s) != NULL;
    net = CN__TAKE(w, cn_net, 1);
    memset(&b, 0, sizeof b);
    memset(&shape, 0, sizeof shape);
    b.ctx = c;
    b.net.piecewise_linear = 1;
    b.net.lone = CN_INPUT;
    b.net.node = CN__TAKE(w, cn__node, items);
    b.store = w->base != NULL;
    b.text = cn__gap(text);
    if (!*b.text) return cn__fail(c, CN_E_TEXT, "the network text is empty; it begins with 'input N'");
    if (!cn__word(&b.text, word, &length) || !cn__same(word, "input"))
        return cn__fail(c, CN_E_TEXT, "the first item must be 'input'; here it is '%s'", word);
    if ((status = cn__parse_input(c, &b.text, &shape, &b.net.inputs)) != CN_OK) return status;
    b.net.widest = b.net.inputs;
    if ((status = cn__parse_items(&b, "", &shape, &from)) != CN_OK) return status;
    if (*b.text) return cn__fail(c, CN_E_TEXT, "there is a '}' without its '{'");
    if (!b.net.count) return cn__fail(c, CN_E_TEXT, "the network has no layer after 'input'");
    if (!w->base) return CN_OK;
    cn__find_activations(&b.net);
    *net = b.net;
    return CN_OK;
}

CN_API cn_net *cn_net_create(cn_ctx *c, const char *text) {
    cn__ws w;
    cn_net *net;
    CN__CREATE(w, c, cn_net, net, cn__net_create(&w, text));
    return net;
}

static size_t cn__words(const char *s) {
    size_t n = 0;
    for (; s && *s; s++) n += *s != ' ' && (s[1] == ' ' || !s[1]);
    return n;
}

/* The parts of an item's parameters: those its row names, else weight and bias. */
static size_t cn__params_parts(const cn__node *node) {
    if (!node->item.params) return 0;
    if (node->row->names) return CN__MAX(cn__words(node->row->names), 1);
    return node->has_affine && node->affine.bias ? 2 : 1;
}

/* Of an affine row, the weight; of others, all. */
static size_t cn__weights(const cn__node *node) {
    return node->has_affine ? node->affine.rows * node->affine.cols : node->item.params;
}

/* Part number `part` of them, as a range of the item's parameters. */
static cn_block cn__param_part(const cn__node *node, size_t part) {
    cn_block b;
    size_t weights = cn__weights(node), equal = node->item.params / CN__MAX(cn__params_parts(node), 1);
    b.first = node->row->names ? part * equal : part ? weights : 0;
    b.count = node->row->names ? equal : part ? node->item.params - weights : weights;
    return b;
}

static size_t cn__parts_of(const cn__node *node) {
    return cn__params_parts(node) + (node->item.state ? CN__MAX(cn__words(node->row->states), 1) : 0);
}

CN_API cn_net_info cn_net_describe(const cn_net *net) {
    cn_net_info info;
    size_t i;
    memset(&info, 0, sizeof info);
    if (!net) return info;
    info.inputs = net->inputs;
    info.outputs = net->outputs;
    info.params = net->params;
    info.state = net->state;
    info.size = net->params + net->state;
    info.items = net->count;
    for (i = 0; i < net->count; i++) {
        const cn__node *node = net->node + i;
        info.parts += cn__parts_of(node);
        if (node->has_affine)
            info.macs += (double)node->affine.positions * (double)node->affine.rows * (double)node->affine.cols;
    }
    return info;
}

static cn_tensor cn__weight_view(const cn__node *node, const cn_real *at) {
    const cn_affine *a = &node->affine;
    if (!node->has_affine || (!a->side && a->groups > 1))
        return cn_tensor_of(at, CN_TYPE_REAL, 1, node->has_affine ? a->rows : node->item.params, 0, 0, 0);
    if (a->side) return cn_tensor_of(at, CN_TYPE_REAL, 4, a->rows, a->cols / (a->side * a->side), a->side, a->side);
    return cn_tensor_of(at, CN_TYPE_REAL, 2, a->rows, a->cols, 0, 0);
}

/* name = item.word, word number `index` of words. */
static void cn__part_name(char *name, const char *item, const char *words, size_t index) {
    size_t length = strlen(item), i;
    memcpy(name, item, length);
    name[length++] = '.';
    for (; index > 0; index--, words++)
        while (*words != ' ') words++;
    for (i = 0; words[i] && words[i] != ' ' && length + 1 < sizeof((cn_part *)NULL)->name; i++)
        name[length++] = words[i];
    name[length] = 0;
}

CN_API int cn_net_part(const cn_net *net, const cn_real *theta, size_t index, cn_part *out) {
    size_t i, part = index, own, parts, first;
    const cn__node *node;
    const char *words;
    if (!net || !out) return CN_E_ARGUMENT;
    for (i = 0; i < net->count && part >= cn__parts_of(net->node + i); i++) part -= cn__parts_of(net->node + i);
    if (i == net->count) return CN_E_ARGUMENT;
    node = net->node + i;
    own = cn__params_parts(node);
    memset(out, 0, sizeof *out);
    out->item = i;
    out->is_state = part >= own;
    if (out->is_state) { /* behind all parameters */
        words = node->row->states ? node->row->states : "state";
        parts = CN__MAX(cn__words(words), 1);
        part -= own;
        out->block.count = node->item.state / parts;
        first = net->params + node->state + part * out->block.count;
    } else {
        words = node->row->names ? node->row->names : "weight bias";
        out->block = cn__param_part(node, part);
        first = node->theta + out->block.first;
    }
    out->block.first = first;
    cn__part_name(out->name, node->name, words, part);
    out->value = cn_tensor_of(theta ? theta + first : NULL, CN_TYPE_REAL, 1, out->block.count, 0, 0, 0);
    if (!part && !out->is_state && !node->row->names) out->value = cn__weight_view(node, theta ? theta + first : NULL);
    return CN_OK;
}

CN_API int cn_net_item(const cn_net *net, size_t index, cn_item_info *out) {
    const cn__node *node;
    const char *at;
    if (!net || !out || index >= net->count) return CN_E_ARGUMENT;
    node = net->node + index;
    memset(out, 0, sizeof *out);
    strcpy(out->name, node->name);
    out->row = node->row;
    out->item = node->item;
    out->from = node->from;
    out->also = node->row ? CN_INPUT : node->also;
    for (at = node->name; *at; at++)
        if (*at == '.') out->branch = at[1] == 'b' ? CN_BRANCH_BODY : at[1] == 's' ? CN_BRANCH_SKIP : out->branch;
    out->params.first = node->theta;
    out->params.count = node->item.params;
    out->state.first = net->params + node->state;
    out->state.count = node->item.state;
    out->is_affine = node->has_affine;
    out->affine = node->affine;
    return CN_OK;
}

CN_API cn_block cn_net_block(cn_ctx *c, const cn_net *net, const char *name) {
    cn_block none, whole;
    cn_part part;
    size_t i, n = cn_net_describe(net).parts, length = name ? strlen(name) : 0;
    none.first = CN__INVALID;
    none.count = 0;
    whole = none;
    if (!c || !net) return none;
    for (i = 0; i < n && length; i++) {
        if (cn_net_part(net, NULL, i, &part)) return none;
        if (part.is_state) continue;
        if (cn__same(part.name, name)) return part.block;
        /* "2": all parameters of item 2, which are neighbours */
        if (strncmp(part.name, name, length) == 0 && part.name[length] == '.') {
            if (!whole.count) whole.first = part.block.first;
            whole.count += part.block.count;
        }
    }
    if (!whole.count) cn__fail(c, CN_E_ARGUMENT, "there is no block '%s' in this network", name ? name : "(NULL)");
    return whole;
}

/* A block as a range, checked: {0, 0} is all. */
static int cn__resolve(cn_ctx *c, const cn_net *net, cn_block *block) {
    if (block->first == 0 && block->count == 0) block->count = net->params;
    if (!block->count || block->first > net->params || block->count > net->params - block->first)
        return cn__fail(c, CN_E_ARGUMENT, "the block is not a range of the network's %z parameters", net->params);
    return CN_OK;
}

CN_API int cn_net_init(const cn_net *net, int scheme, uint64_t seed, cn_real *theta) {
    size_t i, j;
    if (!net || !theta || scheme < CN_INIT_AUTO || scheme > CN_INIT_TORCH) return CN_E_ARGUMENT;
    memset(theta, 0, (net->params + net->state) * sizeof *theta);
    for (i = 0; i < net->count; i++) {
        const cn__node *node = net->node + i;
        /* sd of U(-1, 1) */
        double in = (double)node->affine.cols,
               out = node->has_affine
                         ? (double)node->affine.rows * (double)CN__MAX(node->affine.side * node->affine.side, 1)
                         : 0,
               third = 0.57735026918962576451;
        size_t weights = node->affine.rows * node->affine.cols;
        uint64_t stream = cn_stream(CN_FOR_INIT, 2 * i);
        int how = scheme;
        if (node->row && node->row->init) {
            node->row->init(&node->item, theta + node->theta, theta + net->params + node->state);
            continue;
        }
        /* scales start at 1 */
        if (!node->has_affine) {
            for (j = 0; j < node->item.params; j++) theta[node->theta + j] = 1;
            continue;
        }
        if (how == CN_INIT_AUTO)
            how = node->activation != CN_INPUT && net->node[node->activation].row->he ? CN_INIT_HE : CN_INIT_GLOROT;
        /* He et al. 2015 */
        if (how == CN_INIT_HE) cn_random(seed, stream, 0, CN_NOISE_NORMAL, sqrt(2 / in), weights, theta + node->theta);
        /* Glorot, Bengio 2010 */
        else if (how == CN_INIT_GLOROT)
            cn_random(seed, stream, 0, CN_NOISE_UNIFORM, sqrt(2 / (in + out)), weights, theta + node->theta);
        else { /* PyTorch's Linear: weight and bias uniform in +-1/sqrt(fan_in) */
            cn_random(seed, stream, 0, CN_NOISE_UNIFORM, third / sqrt(in), weights, theta + node->theta);
            if (node->affine.bias)
                cn_random(seed, stream + 1, 0, CN_NOISE_UNIFORM, third / sqrt(in), node->affine.rows,
                          theta + node->theta + weights);
        }
    }
    return CN_OK;
}

/* ---- the network as text */

static void cn__put_decimal(cn__text *t, uint64_t m, int x) /* m * 10^x, m > 0 */
{
    char d[24];
    cn__text s = cn__text_at(d, sizeof d);
    int n;
    for (; m % 10 == 0; m /= 10) x++;
    cn__put_size(&s, m);
    n = (int)s.length;
    if (n + x < -2 || (x > 0 && n + x > 15)) {
        cn__put_bytes(t, d, s.length);
        cn__put(t, x < 0 ? "e-" : "e");
        cn__put_size(t, (uint64_t)(x < 0 ? -x : x));
    } else if (n + x <= 0) {
        cn__put_bytes(t, "0.00", (size_t)(2 - n - x));
        cn__put_bytes(t, d, s.length);
    } else {
        cn__put_bytes(t, d, (size_t)CN__MIN(n, n + x));
        for (; x > 0; x--) cn__put(t, "0");
        if (x < 0) {
            cn__put(t, ".");
            cn__put_bytes(t, d + n + x, (size_t)-x);
        }
    }
}

/* The shortest number that cn__parse_number reads as v. Its last digits are tried: powers of ten are some roundings
   off. */
static void cn__put_exact(cn__text *t, double v) {
    volatile double ten = 10, scaled; /* else -ffast-math makes exponentials of the powers, much less exact */
    double a = fabs(v), back = -1;
    int digits, off, x;
    char s[40];
    if (copysign(1, v) < 0) cn__put(t, "-");
    if (a == 0) {
        cn__put(t, "0");
        return;
    }
    /* 18: the nearest of 17 digits, where none is read as v */
    for (digits = 1; digits <= 18 && back != a; digits++) {
        x = (int)floor(log(a) * 0.43429448190325182765) + 1 - CN__MIN(digits, 17);
        scaled = x < 0 ? a * pow(ten, -x / 2) : a / pow(ten, x);
        if (x < 0) scaled = scaled * pow(ten, (1 - x) / 2);
        for (off = 0; off <= (digits == 16 || digits == 17 ? 40 : 0) && back != a; off++) {
            uint64_t m = (uint64_t)(scaled + 0.5) + (uint64_t)off / 2;
            cn__text text = cn__text_at(s, sizeof s - 1);
            if (off % 2) m -= (uint64_t)off;
            cn__put_decimal(&text, CN__MAX(m, 1), x);
            *text.at = 0;
            cn__parse_number(s, &back);
        }
    }
    cn__put(t, s);
}

/* Those without default, then those that differ from it as name=value; all in order where a word would be longer than
   words may be. */
static void cn__put_arguments(cn__text *t, const cn__node *node) {
    const char *args = node->row->args;
    char name[CN__NAME_BYTES];
    double value;
    int i, has_default, last = -1, in_order = 0, skipped = 0;
    for (i = 0; i < 8 && cn__argument(args, i, name, &value, &has_default); i++) {
        cn__text word = cn__text_at(NULL, 0);
        if (has_default && node->item.arg[i] == value) continue;
        cn__put_exact(&word, node->item.arg[i]);
        if (word.length + strlen(name) + 1 >= CN__NAME_BYTES) in_order = 1;
        last = i;
    }
    for (i = 0; i <= last && cn__argument(args, i, name, &value, &has_default); i++) {
        if (!in_order && has_default && node->item.arg[i] == value) {
            skipped = 1;
            continue;
        }
        cn__put(t, " ");
        if (!in_order && (skipped || (has_default && i))) {
            cn__put(t, name);
            cn__put(t, "=");
        }
        cn__put_exact(t, node->item.arg[i]);
    }
}

/* Names say where braces open and close: "3.body.0" ... "3.skip.0" ... "3", the sum. open: length of the part of it
   that is open. */
static void cn__put_net(cn__text *t, const cn_net *net) {
    /* the first item, in whatever braces, sees the input */
    const char *before = "", *dot;
    size_t i, open = 0;
    cn_shape in = net->node->item.in;
    cn__put(t, "input ");
    cn__put_size(t, in.c);
    if (in.h != 1 || in.w != 1) {
        cn__put(t, " ");
        cn__put_size(t, in.h);
        cn__put(t, " ");
        cn__put_size(t, in.w);
    }
    for (i = 0; i < net->count; i++) {
        const cn__node *node = net->node + i;
        const char *name = node->name;
        if (!node->row) {
            cn__put(t, " }");
            for (open = 0, dot = name; (dot = strchr(dot, '.')) != NULL;) open = (size_t)(++dot - name);
        } else {
            if (strncmp(before, name, open)) cn__put(t, " } skip { ");
            do {
                dot = strchr(name + open, '.');
                if (!open || name[open] != '0') cn__put(t, "; ");
                cn__put(t, dot ? "residual { " : node->row->name);
                if (dot) open = (size_t)(dot - name) + 6; /* past ".body." */
            } while (dot);
            cn__put_arguments(t, node);
        }
        before = name;
    }
}

CN_API size_t cn_net_text(const cn_net *net, char *out, size_t capacity) {
    cn__text t = cn__text_at(NULL, 0);
    size_t length;
    if (!net) return 0;
    cn__put_net(&t, net);
    length = t.length;
    if (!out || length >= capacity) return length;
    t = cn__text_at(out, length);
    cn__put_net(&t, net);
    out[length] = 0;
    return length;
}
#endif /* FLOOR 7 */

/* ==== FLOOR 8: loss =============================================================================================== */
#if CN_FLOOR_MAX >= 8

/* p (may be NULL) = softmax of f; returns the sum of exp(f - f[most]) over all but f[most], the largest. What is left
   of a probability near 1 is taken from the sum of the others, which keeps its digits. */
static double cn__softmax(size_t K, const cn_real *f, cn_real *p, size_t *most) {
    double rest = 0, e;
    size_t j, m = cn__argmax(K, f);
    for (j = 0; j < K; j++) {
        e = j == m ? 1 : exp((double)f[j] - (double)f[m]);
        if (j != m) rest += e;
        if (p) p[j] = (cn_real)e;
    }
    for (e = 1 / (1 + rest), j = 0; p && j < K; j++) p[j] = (cn_real)((double)p[j] * e);
    *most = m;
    return rest;
}

static double cn__others(size_t K, const cn_real *p, size_t most) /* 1 - p[most] */
{
    double sum = 0;
    size_t j;
    for (j = 0; j < K; j++)
        if (j != most) sum += (double)p[j];
    return sum;
}

static double cn__cross_entropy_value(const void *user, size_t K, const cn_real *f, const cn_real *target,
                                      int32_t label, cn_real *gradient) {
    size_t j, most;
    double loss = 0, sum = 0, others = 0, g, log_sum = log1p(cn__softmax(K, f, gradient, &most));
    (void)user;
    (void)label;
    for (j = 0; j < K; j++) {
        if (target[j] != 0) loss += (double)target[j] * ((double)f[most] - (double)f[j] + log_sum);
        sum += (double)target[j];
    }
    for (j = 0; gradient && j < K; j++) { /* sum p - y, whose own sum is 0 */
        if (j == most) continue;
        g = sum * (double)gradient[j] - (double)target[j];
        others += g;
        gradient[j] = (cn_real)g;
    }
    if (gradient) gradient[most] = (cn_real)(0 - others);
    return loss;
}

static void cn__cross_entropy_curvature(const void *user, size_t K, const cn_real *f, const cn_real *target,
                                        int32_t label, const cn_real *u, cn_real *out) {
    size_t most;
    (void)user;
    (void)target;
    (void)label;
    cn__softmax(K, f, out, &most);
    cn__softmax_product(K, out, u, out);
}

static void cn__cross_entropy_factor(const void *user, size_t K, const cn_real *f, const cn_real *target, int32_t label,
                                     cn_real *rows) {
    size_t i, j, most;
    double others;
    (void)user;
    (void)target;
    (void)label;
    cn__softmax(K, f, rows, &most); /* L = diag(sqrt p) - p sqrt(p)', rows = L' */
    others = cn__others(K, rows, most);
    for (j = K; j-- > 0;) { /* row 0, which holds p, last */
        double p = (double)rows[j], root = sqrt(p), rest = j == most ? others : 1 - p;
        for (i = 0; i < K; i++) rows[j * K + i] = (cn_real)(root * (i == j ? rest : -(double)rows[i]));
    }
}

static double cn__squared_value(const void *user, size_t K, const cn_real *f, const cn_real *target, int32_t label,
                                cn_real *gradient) {
    double loss = 0;
    size_t j;
    (void)user;
    (void)label;
    for (j = 0; j < K; j++) {
        double r = (double)f[j] - (double)target[j];
        loss += 0.5 * r * r;
        if (gradient) gradient[j] = (cn_real)r;
    }
    return loss;
}

static void cn__squared_curvature(const void *user, size_t K, const cn_real *f, const cn_real *target, int32_t label,
                                  const cn_real *u, cn_real *out) {
    (void)user;
    (void)f;
    (void)target;
    (void)label;
    memcpy(out, u, K * sizeof *out);
}

static void cn__squared_factor(const void *user, size_t K, const cn_real *f, const cn_real *target, int32_t label,
                               cn_real *rows) {
    size_t j;
    (void)user;
    (void)f;
    (void)target;
    (void)label;
    memset(rows, 0, K * K * sizeof *rows);
    for (j = 0; j < K; j++) rows[j * K + j] = 1;
}

static void cn__cross_entropy_draw(const void *user, size_t K, const cn_real *f, const cn_real *normal, double uniform,
                                   cn_real *gradient) {
    size_t j, most;
    double sum = 0, others;
    (void)user;
    (void)normal;
    cn__softmax(K, f, gradient, &most);
    others = cn__others(K, gradient, most);
    for (j = 0; j + 1 < K && (sum += j == most ? 1 - others : (double)gradient[j]) < uniform; j++) {
    }
    gradient[j] = (cn_real)(j == most ? -others : (double)gradient[j] - 1);
}

static void cn__squared_draw(const void *user, size_t K, const cn_real *f, const cn_real *normal, double uniform,
                             cn_real *gradient) {
    (void)user;
    (void)f;
    (void)uniform;
    memcpy(gradient, normal, K * sizeof *gradient); /* f - y with y ~ N(f, I) */
}

/* To add one: a name in the public enum and a row here, in the same order. */
static const cn_loss cn__loss_rows[CN_LOSS_COUNT] = {{"cross-entropy", NULL, cn__cross_entropy_value,
                                                      cn__cross_entropy_curvature, cn__cross_entropy_factor, 1, 1,
                                                      cn__cross_entropy_draw, 0, 0},
                                                     {"squared error", NULL, cn__squared_value, cn__squared_curvature,
                                                      cn__squared_factor, 1, 0, cn__squared_draw, 0, 0}};
#endif /* FLOOR 8 */

/* ==== FLOOR 9: derivatives: problem, point, and one streaming pass over the data ================================== */
#if CN_FLOOR_MAX >= 9

struct cn_problem {
    cn_ctx *ctx;
    const cn_net *net;
    cn_data data;
    cn_loss loss;
    double smoothing;
    size_t n, chunk, lanes;
    int labels; /* y are class indices */
    uint64_t seed;
    void (*augment)(void *user, uint64_t step, size_t sample, size_t inputs, cn_real *x);
    void *augment_user;
};

struct cn_point {
    cn_ctx *ctx;
    cn_problem *p;
    cn_real *theta;
    cn_real *gradient;
    int have_gradient; /* of the loss, made when first wanted */
    cn_real *cache;
    unsigned char *filled;
    size_t cached, frame; /* chunks 0 .. cached-1, `frame` reals each */
};

/* Is z = W a + b with one position and no groups? Then g = delta a', and everything factors. */
static int cn__plain_dense(const cn__node *node) {
    return node->has_affine && node->affine.positions == 1 && node->affine.groups == 1 && !node->row->unfold;
}

/* ---- kinds: A = mean over samples of J' M J, with J the Jacobian of the outputs and M [outputs][outputs] by sample */

/* One sample as its loss sees it. score: the loss gradient by the outputs, of its own label or of a drawn one. */
typedef struct cn__sample {
    const cn_loss *loss;
    size_t K;
    const cn_real *f, *target, *score;
    int32_t label;
} cn__sample;

/* M u, and rows with rows'rows = M: M is Lambda, the identity, or score score'. */
static void cn__lambda_apply(const cn__sample *s, const cn_real *u, cn_real *out) {
    s->loss->curvature(s->loss->user, s->K, s->f, s->target, s->label, u, out);
}

static void cn__lambda_rows(const cn__sample *s, cn_real *rows) {
    s->loss->factor(s->loss->user, s->K, s->f, s->target, s->label, rows);
}

static void cn__identity_apply(const cn__sample *s, const cn_real *u, cn_real *out) {
    memcpy(out, u, s->K * sizeof *out);
}

static void cn__identity_rows(const cn__sample *s, cn_real *rows) {
    size_t j;
    memset(rows, 0, s->K * s->K * sizeof *rows);
    for (j = 0; j < s->K; j++) rows[j * s->K + j] = 1;
}

static double cn__score_dot(const cn__sample *s, const cn_real *u) {
    double dot = 0;
    size_t a;
    for (a = 0; a < s->K; a++) dot += (double)s->score[a] * (double)u[a];
    return dot;
}

static void cn__score_apply(const cn__sample *s, const cn_real *u, cn_real *out) {
    double dot = cn__score_dot(s, u);
    size_t a;
    for (a = 0; a < s->K; a++) out[a] = (cn_real)(dot * (double)s->score[a]);
}

static void cn__score_rows(const cn__sample *s, cn_real *rows) { memcpy(rows, s->score, s->K * sizeof *rows); }

enum {                    /* what a pass computes of a chunk, beside the outputs */
       CN__LOSSES = 1,    /* losses and their gradients by the outputs */
       CN__DELTAS = 2,    /* loss gradients by every node */
       CN__TANGENTS = 4,  /* y_t */
       CN__SIGNALS = 8,   /* gy_t */
       CN__X_SIGNALS = 16 /* gx */
};

/* A kind of operator. To add one: a name in the public enum and a row here, in the same order, before NTK, which alone
   is of another size than the block: so what runs over the others finds it. */
typedef struct cn__kind {
    const char *convention;
    void (*apply)(const cn__sample *s, const cn_real *u, cn_real *out); /* M u */
    void (*rows)(const cn__sample *s, cn_real *rows);                   /* of M; as many as outputs, or one: */
    int one_row;                                                        /* M = score score' */
    int drawn;      /* the score is that of a label drawn from the model */
    int lambda;     /* M = Lambda: rows need the loss's factor */
    int own_labels; /* the Fisher: Lambda must be the model's own, see cn_loss.canonical */
    int second;     /* and the loss gradient times the second derivative of the outputs: H */
    int centred;    /* and less the outer product of the mean of the rows: S */
    int dual;       /* J J' instead of J'J */
    unsigned needs; /* CN__LOSSES ..., of which M is made */
} cn__kind;

/* clang-format off */
static const cn__kind cn__kinds[CN_OP_COUNT] = {
    /* convention, apply, rows,                                        one_row drawn lambda own second centred dual needs */
    {"H: Hessian of the mean loss, sum over outputs",
     cn__lambda_apply, cn__lambda_rows,                                0, 0, 1, 0, 1, 0, 0, CN__LOSSES | CN__DELTAS},
    {"G: Gauss-Newton, mean over samples of J' Lambda J",
     cn__lambda_apply, cn__lambda_rows,                                0, 0, 1, 0, 0, 0, 0, 0},
    {"F: true Fisher, mean over samples, exact expectation over the model's own labels",
     cn__lambda_apply, cn__lambda_rows,                                0, 0, 1, 1, 0, 0, 0, 0},
    {"C: second moment of per-sample gradients, mean over samples, uncentred",
     cn__score_apply, cn__score_rows,                                  1, 0, 0, 0, 0, 0, 0, CN__LOSSES},
    {"S: covariance of per-sample gradients, mean over samples, centred",
     cn__score_apply, cn__score_rows,                                  1, 0, 0, 0, 0, 1, 0, CN__LOSSES},
    {"J: second moment of the output Jacobian, mean over samples, sum over outputs",
     cn__identity_apply, cn__identity_rows,                            0, 0, 0, 0, 0, 0, 0, 0},
    {"F sampled: mean over samples of gg' for one label each, drawn from the model",
     cn__score_apply, cn__score_rows,                                  1, 1, 0, 0, 0, 0, 0, 0},
    {"K: J J' over samples and outputs, a sum, no mean",
     cn__identity_apply, cn__identity_rows,                            0, 0, 0, 0, 0, 0, 1, 0}};
/* clang-format on */

static size_t cn__rows_a_sample(const cn_net *net, const cn__kind *kind) { return kind->one_row ? 1 : net->outputs; }

/* Is A = (1/n) R'R with known rows R? */
static int cn__has_rows(const cn_problem *p, const cn__kind *kind) {
    return !kind->second && !kind->dual && (!kind->lambda || p->loss.factor) &&
           (!kind->own_labels || p->loss.canonical) && (!kind->drawn || p->loss.draw);
}

static int cn__check_labelled(cn_ctx *c, const cn_problem *p, const char *what) {
    return p->data.y.data ? CN_OK : cn__fail(c, CN_E_ARGUMENT, "%s: the problem has no labels or targets", what);
}

/* Lambda of a canonical loss does not depend on the label. */
static int cn__check_kind_labels(cn_ctx *c, const cn_problem *p, const cn__kind *kind) {
    int wanted = kind->needs & CN__LOSSES || (kind->lambda && !p->loss.canonical);
    return wanted ? cn__check_labelled(c, p, "operator") : CN_OK;
}

/* ---- a pass over the data: what it is asked for, how it is laid out, and what it works on

   Chunks of samples are dealt to a fixed number of lanes; each lane sums in order, and lanes are added in order, so no
   bit depends on the number of threads. */

typedef struct cn__pass cn__pass;
typedef struct cn__chunk cn__chunk;
typedef struct cn__work cn__work;
typedef struct cn__lane cn__lane;

/* Which nodes are differentiated, and along what. */
typedef struct cn__route {
    const unsigned char *live; /* nodes whose output depends on what is varied; NULL: every node */
    size_t from;               /* a node whose output is varied: nothing below it is differentiated; CN_INPUT: none */
    size_t first, span;        /* parameters first .. first + span - 1 are varied; span 0: none */
    size_t k;                  /* vectors */
    const cn_real *v;          /* tangents of those parameters [k][span], or NULL */
} cn__route;

/* What a pass is asked for; chunk functions read it. */
typedef struct cn__request {
    cn_problem *p;
    cn_point *at; /* or NULL: theta is given, and nothing is cached */
    const cn_real *theta;
    const cn_batch *batch;                                                             /* or NULL: all data */
    void (*chunk)(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane); /* the outputs are there */
    unsigned needs;                                                                    /* CN__LOSSES ... */
    const cn__kind *kind;
    cn_block block;
    size_t k;                        /* vectors */
    size_t sums;                     /* doubles that a lane adds up */
    size_t room, extra, doubles;     /* reals of w->gtheta in all; of w->extra, doubles of w->numbers a sample */
    size_t pack_wide;                /* the widest product of chunk() itself */
    const cn_real *v, *u;            /* tangents of the block [k][count]; per-sample input */
    cn_real *out, *new_state;        /* per-sample output; a train batch's statistics */
    double *values;                  /* where scale times the sums go, or: */
    cn_real *direct;                 /* one chunk then writes its gradient here itself */
    int to_direct, in_order, starts; /* in_order: one lane; starts: chunk() makes routes that begin at a node */
    size_t from;                     /* the node of the pass's own route, or CN_INPUT */
    int every;                       /* that route is every node */
    double scale;
    void *user;
} cn__request;

/* How it is laid out. */
typedef struct cn__geometry {
    size_t n, chunk, chunks, lanes, slots; /* samples, samples a chunk */
    int isa;
} cn__geometry;

struct cn__lane {
    double loss, *sum;
    size_t correct, sample; /* sample: the one that made status */
    int status;
};

struct cn__pass {
    cn__request ask;
    cn__geometry geo;
    cn__route route;
    cn__lane *lane;
    cn__chunk *chunk; /* slots of them, and of work */
    cn__work *work;
    double loss; /* results */
    size_t correct;
};

/* The primal side of a chunk of n samples, the first one's place in the pass `first`. Arrays over nodes hold node i at
   geo.chunk * at[i], as [n][out]. gy is the loss gradient by every node's output; at the last node it is the
   residual. */
struct cn__chunk {
    size_t n, first;
    const cn_real *x;
    cn_real *target, *y, *saved, *gy, *score; /* score: loss gradients by the outputs for labels drawn */
    int32_t *label;
    uint32_t *sample; /* numbers in the data */
    double *loss;
    int train;
};

/* What a lane works in. Arrays over nodes hold node i at geo.chunk * k * at[i], as [n][k][out]. */
struct cn__work {
    cn_real *x, *y;                   /* the chunk's own, where neither data nor cache serve */
    cn_real *y_t, *gy_t, *gx;         /* tangents; signals backward, or their tangents; by the data */
    cn_real *branch, *scratch, *pack; /* branch: a second contribution, before it is added */
    cn_real *gtheta, *extra;          /* gradients by parameters; what chunk() asked for */
    double *numbers;                  /* the same, in doubles */
    unsigned char *written, *live;    /* has a node (or the data) a signal already?; of routes */
};

/* ---- one chunk: forward, tangent, backward, second */

static size_t cn__offset(const cn__pass *p, size_t k, size_t i) { return p->geo.chunk * k * p->ask.p->net->node[i].at; }

static const cn_real *cn__source(const cn__pass *p, const cn__chunk *c, size_t i) {
    return i == CN_INPUT ? c->x : c->y + cn__offset(p, 1, i);
}

static cn_io cn__io(const cn__pass *p, const cn__chunk *c, cn__work *w, const cn__route *r, size_t i) {
    const cn_net *net = p->ask.p->net;
    const cn__node *node = net->node + i;
    cn_io io;
    memset(&io, 0, sizeof io);
    io.item = &node->item;
    io.n = c->n;
    io.k = r->k;
    io.stride = r->span;
    io.theta = p->ask.theta + node->theta;
    io.state = p->ask.theta + net->params + node->state;
    io.x = cn__source(p, c, node->from);
    io.y = c->y + cn__offset(p, 1, i);
    io.saved = c->saved + p->geo.chunk * node->saved;
    io.scratch = w->scratch;
    io.pack = w->pack;
    io.isa = p->geo.isa;
    io.train = c->train;
    io.seed = p->ask.p->seed;
    io.step = p->ask.batch ? p->ask.batch->step : 0;
    io.number = i;
    io.sample = c->sample;
    return io;
}

static void cn__next_sample(const cn__node *node, cn_io *io) /* of an io that views samples one by one */
{
    io->x += node->in;
    io->y += node->out;
    io->saved += node->item.saved;
    io->sample++;
}

/* Where this node's parameters lie in a [k][span] array; CN__INVALID when they are outside of the span. */
static size_t cn__span_offset(const cn__route *r, const cn__node *node) {
    return node->item.params && node->theta >= r->first && node->theta - r->first < r->span ? node->theta - r->first
                                                                                            : CN__INVALID;
}

static int cn__live(const cn__route *r, size_t i) { return i == CN_INPUT ? !r->live : !r->live || r->live[i]; }

static void cn__find_live(const cn_net *net, cn__route *r, unsigned char *live) {
    size_t i;
    for (i = 0; i < net->count; i++) {
        const cn__node *node = net->node + i;
        live[i] = i == r->from || cn__span_offset(r, node) != CN__INVALID ||
                  (node->from != CN_INPUT && live[node->from]) ||
                  (!node->row && node->also != CN_INPUT && live[node->also]);
    }
    r->live = live;
}

/* A route of k vectors from node i upward. */
static cn__route cn__route_from(const cn_net *net, size_t i, size_t k, unsigned char *live) {
    cn__route r;
    memset(&r, 0, sizeof r);
    r.from = i;
    r.k = k;
    cn__find_live(net, &r, live);
    return r;
}

static void cn__add_vectors(size_t n, const cn_real *x, cn_real *y) {
    size_t i;
    for (i = 0; i < n; i++) y[i] += x[i];
}

static void cn__forward(const cn__pass *p, const cn__chunk *c, cn__work *w) {
    const cn_net *net = p->ask.p->net;
    cn__route one = p->route;
    size_t i;
    one.k = 1;
    for (i = 0; i < net->count; i++) {
        const cn__node *node = net->node + i;
        cn_io io = cn__io(p, c, w, &one, i);
        if (!node->row) {
            memcpy(io.y, io.x, c->n * node->out * sizeof *io.y);
            cn__add_vectors(c->n * node->out, cn__source(p, c, node->also), io.y);
            continue;
        }
        io.relu = i + 1 < net->count && node[1].fused;
        if (c->train && node->item.state && p->ask.new_state) io.new_state = p->ask.new_state + node->state;
        if (!node->row->pointwise)
            node->row->forward(&io);
        else if (!node->fused)
            cn__pointwise_forward(node->row, &io);
    }
}

static const cn_real *cn__tangent_of(const cn__pass *p, const cn__work *w, const cn__route *r, size_t i) {
    return i != CN_INPUT && cn__live(r, i) ? w->y_t + cn__offset(p, r->k, i) : NULL;
}

static void cn__tangent(const cn__pass *p, const cn__chunk *c, cn__work *w, const cn__route *r) /* y_t of live nodes */
{
    const cn_net *net = p->ask.p->net;
    size_t i, offset, wide;
    for (i = 0; i < net->count; i++) {
        const cn__node *node = net->node + i;
        const cn_real *x_t = cn__tangent_of(p, w, r, node->from), *also = NULL;
        cn_io io;
        if (!cn__live(r, i) || i == r->from) continue;
        io = cn__io(p, c, w, r, i);
        io.y_t = w->y_t + cn__offset(p, r->k, i);
        if (!node->row) {
            wide = c->n * r->k * node->out;
            if (node->also != node->from || !x_t) also = cn__tangent_of(p, w, r, node->also);
            memcpy(io.y_t, x_t ? x_t : also, wide * sizeof *io.y_t);
            if (x_t && also) cn__add_vectors(wide, also, io.y_t);
            continue;
        }
        io.x_t = x_t;
        offset = cn__span_offset(r, node);
        if (offset != CN__INVALID && r->v) io.theta_t = r->v + offset;
        if (node->row->pointwise)
            cn__pointwise_linear(node->row, &io, io.x_t, io.y_t);
        else
            node->row->tangent(&io);
    }
}

/* Signals on their way down: by the outputs of nodes [k][..], and by the data, gx, or NULL. */
typedef struct cn__down {
    const cn__route *r;
    cn_real *signal, *gx;
} cn__down;

/* Where the signal by the output of node `to`, or the data, belongs; NULL: it is not wanted. */
static cn_real *cn__signal_home(const cn__pass *p, const cn__down *d, size_t to) {
    if (to == CN_INPUT) return d->gx;
    return cn__live(d->r, to) ? d->signal + cn__offset(p, d->r->k, to) : NULL;
}

/* Where to write it: where there is a signal already, beside it. */
static cn_real *cn__signal_place(const cn__pass *p, const cn__work *w, const cn__down *d, size_t to) {
    cn_real *home = cn__signal_home(p, d, to);
    return home && w->written[to == CN_INPUT ? p->ask.p->net->count : to] ? w->branch : home;
}

static void cn__signal_done(const cn__pass *p, const cn__chunk *c, cn__work *w, const cn__down *d, size_t to,
                            size_t size, const cn_real *place) {
    unsigned char *written = w->written + (to == CN_INPUT ? p->ask.p->net->count : to);
    if (place && *written) cn__add_vectors(c->n * d->r->k * size, place, cn__signal_home(p, d, to));
    *written = 1;
}

/* k signals from the last node's place down through the live nodes. gtheta [k][span] (added to) and gx (by the data)
   when wanted. second: the tangent of this, along v, of the primal signals gy. */
static void cn__reverse(const cn__pass *p, const cn__chunk *c, cn__work *w, const cn__route *r, cn_real *signal,
                        cn_real *gtheta, cn_real *gx, int second) {
    const cn_net *net = p->ask.p->net;
    size_t i, offset, side;
    cn__down d;
    cn_real *place;
    d.r = r;
    d.signal = signal;
    d.gx = gx;
    memset(w->written, 0, net->count + 1);
    for (i = net->count; i-- > 0;) {
        const cn__node *node = net->node + i;
        const cn_real *own = signal + cn__offset(p, r->k, i);
        cn_io io;
        if (!cn__live(r, i)) continue;
        if (!node->row) {
            for (side = 0; side < 2; side++) {
                size_t to = side ? node->also : node->from;
                place = cn__signal_place(p, w, &d, to);
                if (place) memcpy(place, own, c->n * r->k * node->out * sizeof *place);
                cn__signal_done(p, c, w, &d, to, node->out, place);
            }
            continue;
        }
        place = cn__signal_place(p, w, &d, node->from); /* none below a route's first node, which is not live */
        io = cn__io(p, c, w, r, i);
        offset = gtheta ? cn__span_offset(r, node) : CN__INVALID;
        if (offset != CN__INVALID) io.gtheta = gtheta + offset;
        if (!place && !io.gtheta) continue;
        if (!second) {
            io.gy = own;
            io.gx = place;
            if (node->row->pointwise)
                cn__pointwise_linear(node->row, &io, io.gy, io.gx);
            else
                node->row->backward(&io);
        } else {
            io.x_t = cn__tangent_of(p, w, r, node->from);
            io.gy = c->gy + cn__offset(p, 1, i);
            io.gy_t = own;
            io.gx_t = place;
            if (offset != CN__INVALID && r->v) io.theta_t = r->v + offset;
            if (node->row->pointwise)
                cn__pointwise_second(node->row, &io);
            else
                node->row->second(&io);
        }
        cn__signal_done(p, c, w, &d, node->from, node->in, place);
    }
}

/* What lies at the last node: [n][outputs], [n][k][outputs]. */
static cn_real *cn__outputs(const cn__pass *p, const cn__chunk *c) {
    return c->y + cn__offset(p, 1, p->ask.p->net->count - 1);
}
static cn_real *cn__residuals(const cn__pass *p, const cn__chunk *c) {
    return c->gy + cn__offset(p, 1, p->ask.p->net->count - 1);
}
static cn_real *cn__output_tangents(const cn__pass *p, const cn__work *w, size_t k) {
    return w->y_t + cn__offset(p, k, p->ask.p->net->count - 1);
}
static cn_real *cn__output_signals(const cn__pass *p, const cn__work *w, size_t k) {
    return w->gy_t + cn__offset(p, k, p->ask.p->net->count - 1);
}

static cn__sample cn__sample_of(const cn__pass *p, const cn__chunk *c, size_t i) {
    cn__sample s;
    size_t K = p->ask.p->net->outputs;
    s.loss = &p->ask.p->loss;
    s.K = K;
    s.f = cn__outputs(p, c) + i * K;
    s.target = c->target + i * K;
    s.label = c->label[i];
    s.score = (c->score ? c->score : cn__residuals(p, c)) + i * K;
    return s;
}

/* Samples first .. first + n - 1 of the pass. Indices and labels were checked before, but they are the caller's and may
   have changed. */
static int cn__load(const cn__pass *p, cn__chunk *c, cn__work *w, size_t first, size_t n, cn__lane *lane) {
    const cn_problem *q = p->ask.p;
    const cn_data *d = &q->data;
    const cn_batch *b = p->ask.batch;
    size_t M = q->net->inputs, K = q->net->outputs, i, j;
    double label;
    c->n = n;
    c->first = first;
    c->x = w->x ? w->x : (const cn_real *)d->x.data + first * M;
    for (i = 0; i < n; i++) {
        size_t sample = lane->sample = b && b->index ? b->index[first + i] : first + i;
        if (sample >= q->n) return lane->status = CN_E_ARGUMENT;
        c->sample[i] = (uint32_t)sample;
        c->label[i] = -1;
        if (w->x) cn__load_reals(d->x, sample * M, M, d->scale, w->x + i * M);
        if (q->augment && b && b->train) q->augment(q->augment_user, b->step, sample, M, w->x + i * M);
        if (!d->y.data) {
            memset(c->target + i * K, 0, K * sizeof *c->target);
            continue;
        }
        if (!q->labels) {
            cn__load_reals(d->y, sample * K, K, 1, c->target + i * K);
            continue;
        }
        label = cn__element(d->y.data, d->y.type, sample);
        if (!(label >= 0 && label < (double)K)) return lane->status = CN_E_DATA;
        c->label[i] = (int32_t)label;
        for (j = 0; j < K; j++) c->target[i * K + j] = (cn_real)(q->smoothing / (double)K);
        c->target[i * K + (size_t)c->label[i]] += (cn_real)(1 - q->smoothing);
    }
    return CN_OK;
}

/* Losses and, when want is set, their gradients by the outputs, times scale. */
static void cn__losses(const cn__pass *p, const cn__chunk *c, int want, double scale) {
    const cn_loss *l = &p->ask.p->loss;
    size_t K = p->ask.p->net->outputs, i, j;
    cn_real *f = cn__outputs(p, c), *r = cn__residuals(p, c);
    for (i = 0; i < c->n; i++) {
        c->loss[i] = l->value(l->user, K, f + i * K, c->target + i * K, c->label[i], want ? r + i * K : NULL);
        if (want && scale != 1)
            for (j = 0; j < K; j++) r[i * K + j] = (cn_real)((double)r[i * K + j] * scale);
    }
}

/* Scores of one label a sample drawn from the model; a draw depends on the seed and the sample's number alone. */
static void cn__draw(const cn__pass *p, const cn__chunk *c) {
    const cn_loss *l = &p->ask.p->loss;
    size_t K = p->ask.p->net->outputs, i;
    uint64_t word[2], seed = p->ask.p->seed;
    cn_real *normal;
    if (!c->score) return;
    normal = c->score + p->geo.chunk * K;
    for (i = 0; i < c->n; i++) {
        uint64_t stream = cn_stream(CN_FOR_LABELS, 2 * (uint64_t)c->sample[i]);
        cn_random(seed, stream, 0, CN_NOISE_NORMAL, 1, K, normal);
        cn__philox(seed, stream + 1, 0, word);
        l->draw(l->user, K, cn__outputs(p, c) + i * K, normal, (double)cn__odd(word[0]) * (1.0 / 9007199254740992.0),
                c->score + i * K);
    }
}

/* The primal side of a chunk: from the point's cache, into it, or in the lane's own memory. */
static int cn__primal(const cn__pass *p, cn__chunk *c, cn__work *w, size_t chunk, cn__lane *lane) {
    cn_point *at = p->ask.at;
    const cn_net *net = p->ask.p->net;
    size_t size = p->geo.chunk;
    int keep = at && chunk < at->cached;
    cn__route route = p->route;
    if (cn__load(p, c, w, chunk * size, CN__MIN(size, p->geo.n - chunk * size), lane)) return lane->status;
    c->train = p->ask.batch && p->ask.batch->train;
    c->y = keep ? at->cache + chunk * at->frame : w->y;
    c->saved = c->y + size * net->features;
    c->gy = c->saved + size * net->saved;
    if (keep && at->filled[chunk]) {
        cn__draw(p, c);
        return CN_OK;
    }
    cn__forward(p, c, w);
    cn__draw(p, c);
    if (p->ask.needs & CN__LOSSES || keep) cn__losses(p, c, 1, 1);
    route.k = 1;
    if (keep) { /* what is kept serves any block */
        route.live = NULL;
        route.from = CN_INPUT;
    }
    if (p->ask.needs & CN__DELTAS || keep) cn__reverse(p, c, w, &route, c->gy, NULL, NULL, 0);
    if (keep) at->filled[chunk] = 1;
    return CN_OK;
}

/* ---- the pass */

static void cn__run_lane(void *arg, int index) {
    cn__pass *p = (cn__pass *)arg;
    size_t l = (size_t)index, lanes = p->geo.lanes, chunks = p->geo.chunks, chunk, end = (l + 1) * chunks / lanes;
    cn__lane *lane = p->lane + l;
    cn__chunk *c = p->chunk + (p->geo.slots > 1 ? l : 0);
    cn__work *w = p->work + (p->geo.slots > 1 ? l : 0);
    for (chunk = l * chunks / lanes; chunk < end && !lane->status; chunk++) {
        if (cn__primal(p, c, w, chunk, lane)) return;
        p->ask.chunk(p, c, w, lane);
    }
}

static int cn__plain_data(const cn__request *ask) /* rows of x serve as they lie */
{
    const cn_problem *p = ask->p;
    const cn_batch *b = ask->batch;
    return p->data.x.type == CN_TYPE_REAL && p->data.scale == 1 && !(b && (b->index || (b->train && p->augment)));
}

static void cn__take_slot(cn__ws *w, const cn__pass *p, cn__chunk *c, cn__work *own) {
    const cn__request *ask = &p->ask;
    const cn_net *net = ask->p->net;
    size_t n = p->geo.chunk, k = CN__MAX(ask->k, 1), F = net->features, wide = CN__MAX(net->widest, 1), gemm, left;
    int deltas = ask->needs & (CN__LOSSES | CN__DELTAS) || ask->at;
    memset(c, 0, sizeof *c);
    memset(own, 0, sizeof *own);
    if (cn__overflows(n, 2 * (F + net->saved)) || cn__overflows(n * F, k) || cn__overflows(2 * n * k, wide)) {
        w->overflow = 1;
        return;
    }
    if (!cn__plain_data(ask)) own->x = CN__TAKE(w, cn_real, n * net->inputs);
    c->target = CN__TAKE(w, cn_real, n * net->outputs);
    c->label = CN__TAKE(w, int32_t, n);
    c->sample = CN__TAKE(w, uint32_t, n);
    c->loss = CN__TAKE(w, double, n);
    if (ask->kind && ask->kind->drawn) c->score = CN__TAKE(w, cn_real, (n + 1) * net->outputs);
    own->written = CN__TAKE(w, unsigned char, net->count + 1);
    if (ask->starts) own->live = CN__TAKE(w, unsigned char, net->count);
    own->y = CN__TAKE(w, cn_real, n * (F + net->saved + (deltas ? F : 0)));
    if (ask->needs & CN__TANGENTS) own->y_t = CN__TAKE(w, cn_real, n * F * k);
    if (ask->needs & CN__SIGNALS) own->gy_t = CN__TAKE(w, cn_real, n * F * k);
    if (ask->needs & CN__X_SIGNALS) own->gx = CN__TAKE(w, cn_real, n * k * net->inputs);
    if (net->branches) own->branch = CN__TAKE(w, cn_real, n * k * wide);
    own->scratch = CN__TAKE(w, cn_real, CN__MAX(2 * n * wide, net->work));
    gemm = cn__gemm_pack(n * k, net->gemm_wide, net->gemm_wide);
    left = cn__gemm_pack(net->gemm_wide, net->gemm_wide, CN__MAX(n * k, net->gemm_wide));
    gemm = CN__MAX(gemm, left);
    left = ask->pack_wide ? cn__gemm_pack(CN__MAX(net->gemm_wide, k), ask->pack_wide, CN__MAX(n, k)) : 0;
    own->pack = CN__TAKE(w, cn_real, CN__MAX(gemm, left));
    if (ask->room && !(ask->to_direct && p->geo.chunks == 1)) own->gtheta = CN__TAKE(w, cn_real, ask->room);
    if (ask->extra) own->extra = CN__TAKE(w, cn_real, cn__times(n, ask->extra));
    if (ask->doubles) own->numbers = CN__TAKE(w, double, cn__times(n, ask->doubles));
}

static cn__geometry cn__lay_out(cn_ctx *c, const cn__request *ask) {
    const cn_problem *p = ask->p;
    cn__geometry g;
    g.n = ask->batch ? ask->batch->n : p->n;
    /* batch statistics need the whole batch; a cache is laid out in the problem's chunks */
    g.chunk = ask->batch && ask->batch->train && p->net->state ? g.n : CN__MIN(p->chunk, CN__MAX(g.n, 1));
    if (ask->at) g.chunk = p->chunk;
    g.chunks = (g.n + g.chunk - 1) / g.chunk;
    g.lanes = ask->in_order ? 1 : CN__MIN(p->lanes, g.chunks);
    g.slots = cn__parallel(c) ? g.lanes : 1;
    g.isa = cn__isa(c);
    return g;
}

static int cn__lane_failed(cn_ctx *c, const cn__pass *p, const cn__lane *lane) {
    if (lane->status == CN_E_DATA)
        return cn__fail(c, CN_E_DATA, "data: the label of sample %z has been changed: it is no class from 0 to %z",
                        lane->sample, p->ask.p->net->outputs - 1);
    if (lane->status == CN_E_ARGUMENT)
        return cn__fail(c, CN_E_ARGUMENT, "batch: an index has been changed to %z; the data have %z samples",
                        lane->sample, p->ask.p->n);
    if (lane->status == CN_CANCELLED) return cn__fail(c, CN_CANCELLED, "visit: stopped by the callback");
    return cn__fail(c, lane->status, "a sample's numbers are not finite: theta or the data are too large");
}

/* Runs a pass. */
static int cn__run_pass(cn__ws *w, cn__pass *p) {
    cn__request *ask = &p->ask;
    cn_ctx *c = w->ctx;
    size_t mark = w->at, i, l, sums = ask->sums;
    unsigned char *live;
    double scale = ask->scale;
    p->geo = cn__lay_out(c, ask);
    p->route.k = ask->k;
    p->route.from = ask->from;
    if (!ask->every && ask->from == CN_INPUT && !p->route.span) p->route.span = ask->p->net->params;
    live = CN__TAKE(w, unsigned char, ask->p->net->count);
    p->chunk = CN__TAKE(w, cn__chunk, p->geo.slots);
    p->work = CN__TAKE(w, cn__work, p->geo.slots);
    p->lane = CN__TAKE(w, cn__lane, p->geo.lanes);
    for (i = 0; i < p->geo.slots; i++) {
        cn__chunk chunk;
        cn__work work;
        cn__take_slot(w, p, &chunk, &work);
        if (!w->base) continue;
        p->chunk[i] = chunk;
        p->work[i] = work;
    }
    for (l = 0; l < p->geo.lanes; l++) {
        double *sum = sums ? CN__TAKE(w, double, sums) : NULL;
        if (!w->base) continue;
        memset(p->lane + l, 0, sizeof *p->lane);
        p->lane[l].sum = sum;
        if (sum) memset(sum, 0, sums * sizeof *sum);
    }
    w->at = mark;
    if (!w->base) return CN_OK;
    if (!ask->every) cn__find_live(ask->p->net, &p->route, live);
    cn__run_tasks(c, (int)p->geo.lanes, cn__run_lane, p);
    p->loss = 0;
    p->correct = 0;
    for (l = 0; l < p->geo.lanes; l++) {
        p->loss += p->lane[l].loss;
        p->correct += p->lane[l].correct;
        if (p->lane[l].status) return cn__lane_failed(c, p, p->lane + l);
        for (i = 0; l && i < sums; i++) p->lane[0].sum[i] += p->lane[l].sum[i];
    }
    if (ask->direct && p->geo.chunks > 1)
        for (i = 0; i < sums; i++) ask->direct[i] = (cn_real)(scale * p->lane[0].sum[i]);
    if (ask->direct && p->geo.chunks == 1 && scale != 1)
        for (i = 0; i < sums; i++) ask->direct[i] = (cn_real)(scale * (double)ask->direct[i]);
    if (ask->values)
        for (i = 0; i < sums; i++) ask->values[i] = scale * p->lane[0].sum[i];
    return CN_OK;
}

/* Where a chunk's gradients by the parameters go: straight to the result when there is only one chunk, else through
   w->gtheta into the lane's doubles. */
static cn_real *cn__gtheta(const cn__pass *p, const cn__work *w) {
    cn_real *g = p->geo.chunks == 1 ? p->ask.direct : w->gtheta;
    if (p->ask.sums) memset(g, 0, p->ask.sums * sizeof *g);
    return g;
}

static void cn__add_gtheta(const cn__pass *p, cn__lane *lane, const cn_real *g) {
    if (g != p->ask.direct) cn__accumulate(p->geo.isa, p->ask.sums, g, lane->sum);
}

static void cn__start(cn__pass *p, cn_problem *q, cn_point *at, const cn_real *theta,
                      void (*chunk)(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane)) {
    memset(p, 0, sizeof *p);
    p->ask.p = q;
    p->ask.at = at;
    p->ask.theta = at ? at->theta : theta;
    p->ask.chunk = chunk;
    p->ask.from = CN_INPUT;
    p->ask.k = 1;
    p->ask.scale = 1;
}

/* A pass over a point for a kind of operator and a block, which is resolved. The route varies whole layers; a block
   inside them is padded with zeros. Means over the samples. */
static void cn__start_block(cn__pass *p, cn_point *at, const cn__kind *kind, cn_block block,
                            void (*chunk)(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane)) {
    const cn_net *net = at->p->net;
    size_t i, end = 0;
    cn__start(p, at->p, at, NULL, chunk);
    p->ask.block = block;
    p->ask.kind = kind;
    p->ask.needs = kind ? kind->needs : 0;
    p->ask.scale = 1 / (double)at->p->n;
    p->route.first = CN__INVALID;
    for (i = 0; i < net->count; i++) {
        const cn__node *node = net->node + i;
        if (!node->item.params || node->theta + node->item.params <= block.first ||
            node->theta >= block.first + block.count)
            continue;
        if (p->route.first == CN__INVALID) p->route.first = node->theta;
        end = node->theta + node->item.params;
    }
    p->route.span = end - p->route.first;
}
/* ---- problem */

static int cn__check_data(cn_ctx *c, const cn_problem *p) {
    const cn_data *d = &p->data;
    size_t i, j, M = p->net->inputs, K = p->net->outputs;
    double v, total;
    /* integers may overflow by the scale */
    int large = !cn__finite((double)(cn_real)(d->scale * 18446744073709551616.0));
    int ranged = p->loss.least != 0 || p->loss.most != 0;
    for (i = 0; i < p->n; i++) {
        for (j = 0; j < M && (!cn__type_integer(d->x.type) || large); j++) {
            v = (double)(cn_real)(d->scale * cn__element(d->x.data, d->x.type, i * M + j));
            if (!cn__finite(v))
                return cn__fail(c, CN_E_DATA, "data: x[%z][%z] is %g; every value must be finite", i, j, v);
        }
        if (!d->y.data) continue;
        if (p->labels) {
            v = cn__element(d->y.data, d->y.type, i);
            if (v < 0 || v >= (double)K)
                return cn__fail(c, CN_E_DATA, "data: label %g of sample %z; the network has classes 0 to %z", v, i,
                                K - 1);
            continue;
        }
        for (total = 0, j = 0; j < K; j++) {
            v = cn__element(d->y.data, d->y.type, i * K + j);
            if (!cn__finite(v) || (p->loss.classes && v < 0))
                return cn__fail(c, CN_E_DATA, "data: y[%z][%z] is %g; it should be %s", i, j, v,
                                p->loss.classes ? "a probability" : "finite");
            if (ranged && (v < p->loss.least || v > p->loss.most))
                return cn__fail(c, CN_E_DATA, "data: y[%z][%z] is %g; targets of the loss '%s' are from %g to %g", i, j,
                                v, p->loss.name ? p->loss.name : "", p->loss.least, p->loss.most);
            total += v;
        }
        if (p->loss.classes && fabs(total - 1) > 1e-4)
            return cn__fail(c, CN_E_DATA, "data: the probabilities y[%z] add up to %g, not 1", i, total);
    }
    return CN_OK;
}

static int cn__check_labels(cn_ctx *c, cn_problem *p) /* of class labels or targets, their number and shape */
{
    const cn_tensor *y = &p->data.y;
    size_t K = p->net->outputs, row;
    if (!y->data && y->dims == 0) return CN_OK;
    if (!y->data || y->dims < 1 || y->shape[0] != p->n || !cn_count(*y))
        return cn__fail(c, CN_E_SHAPE, "data: y has %z rows; x has %z",
                        y->data && y->dims > 0 ? y->shape[0] : (size_t)0, p->n);
    row = cn_count(*y) / p->n;
    p->labels = cn__type_integer(y->type) && (row != K || (K == 1 && p->loss.classes));
    if (p->labels ? row == 1 : row == K) return CN_OK;
    return cn__fail(c, CN_E_SHAPE,
                    p->labels ? "data: integer y must be one class index a sample; it has %z"
                              : "data: y has %z values a sample; the network has %z outputs",
                    row, K);
}

/* Checks everything but the data's values and fills in p. */
static int cn__problem_of(cn_ctx *c, const cn_net *net, const cn_data *given, const cn_problem_desc *d, cn_problem *p) {
    cn_data data = *given;
    size_t features, chunk;
    int status;
    memset(p, 0, sizeof *p);
    if (d->custom)
        p->loss = *d->custom;
    else if (d->loss < 0 || d->loss >= CN_LOSS_COUNT)
        return cn__fail(c, CN_E_ARGUMENT, "problem: %d is not a loss", d->loss);
    else
        p->loss = cn__loss_rows[d->loss];
    if (!p->loss.value || !p->loss.curvature)
        return cn__fail(c, CN_E_ARGUMENT, "problem: the loss '%s' lacks value or curvature",
                        p->loss.name ? p->loss.name : "");
    if (!cn__finite(data.scale)) return cn__fail(c, CN_E_ARGUMENT, "data: scale is not finite");
    if (data.scale == 0) data.scale = 1;
    p->n = data.x.dims > 1 ? data.x.shape[0] : 0;
    if (!p->n || !data.x.data)
        return cn__fail(c, CN_E_SHAPE, "data: there are no samples; x should be [n][%z]", net->inputs);
    if (!cn_count(data.x)) return cn__fail(c, CN_E_SIZE, "data: the size of x overflows or its type is unknown");
    features = cn_count(data.x) / p->n;
    if (features != net->inputs)
        return cn__fail(c, CN_E_SHAPE, "data: x has %z values a sample; the network's input is %z", features,
                        net->inputs);
    p->ctx = c;
    p->net = net;
    p->data = data;
    if ((status = cn__check_labels(c, p)) != CN_OK) return status;
    if (!cn__within(d->label_smoothing, 0, 1))
        return cn__fail(c, CN_E_ARGUMENT, "problem: label_smoothing %g is not in [0, 1)", d->label_smoothing);
    if (d->label_smoothing > 0 && !p->labels)
        return cn__fail(c, CN_E_ARGUMENT, "problem: label_smoothing is for class labels, and %s",
                        p->data.y.data ? "y are targets" : "there are none");
    if (d->lanes > 4096) return cn__fail(c, CN_E_ARGUMENT, "problem: %z lanes; at most 4096", d->lanes);
    p->smoothing = d->label_smoothing;
    p->seed = d->seed;
    p->augment = d->augment;
    p->augment_user = d->augment_user;
    p->lanes = d->lanes ? d->lanes : 4;
    chunk = CN__MIN(128, CN__MAX(8, ((size_t)1 << 21) / net->features)); /* activations of 16 MB at most */
    p->chunk = CN__MIN(d->chunk ? d->chunk : chunk, p->n);
    return CN_OK;
}

static int cn__problem_create(cn__ws *w, const cn_net *net, const cn_data *given, const cn_problem_desc *d) {
    cn_problem *p, checked;
    int status;
    if (!net || !given)
        return cn__fail(w->ctx, CN_E_ARGUMENT, "problem: %s missing", net ? "the data are" : "the network is");
    if ((status = cn__problem_of(w->ctx, net, given, d, &checked)) != CN_OK) return status;
    p = CN__TAKE(w, cn_problem, 1);
    if (!w->base) return cn__check_data(w->ctx, &checked);
    *p = checked;
    return CN_OK;
}

CN_API cn_problem *cn_problem_create(cn_ctx *c, const cn_net *net, const cn_data *data, const cn_problem_desc *d) {
    cn__ws w;
    cn_problem *p;
    cn_problem_desc zero;
    memset(&zero, 0, sizeof zero);
    if (!net && c && c->status) return NULL; /* a chain that failed before */
    CN__CREATE(w, c, cn_problem, p, cn__problem_create(&w, net, data, d ? d : &zero));
    return p;
}

CN_API cn_problem_info cn_problem_describe(const cn_problem *p) {
    cn_problem_info info;
    memset(&info, 0, sizeof info);
    if (!p) return info;
    info.net = p->net;
    info.n = p->n;
    info.outputs = p->net->outputs;
    info.chunk = p->chunk;
    info.labels = p->labels;
    info.targets = p->data.y.data && !p->labels;
    info.loss = &p->loss;
    return info;
}

static int cn__check_alone(cn_ctx *c, const cn_net *net, size_t n) /* training on a batch of n */
{
    if (n != 1 || net->lone == CN_INPUT) return CN_OK;
    return cn__fail(
        c, CN_E_ARGUMENT,
        "batch: of one sample, item %s 'batchnorm' sees one value a channel, which has no variance; train on "
        "two or more",
        net->node[net->lone].name);
}

static size_t cn__batch_size(const cn_problem *p, size_t size, size_t k) /* size: 1 to n */
{
    size_t left = k <= p->n / size ? p->n - k * size : 0;
    if (p->net->lone != CN_INPUT && size > 1 && left == 1 && k > 0) return 0;
    return p->net->lone != CN_INPUT && size > 1 && left == size + 1 ? left : CN__MIN(left, size);
}

static size_t cn__largest_batch(const cn_problem *p, size_t size) /* the last one may have a sample more */
{
    size_t last = p->n / size - 1;
    return CN__MAX(size, cn__batch_size(p, size, last));
}

CN_API size_t cn_batch_size(cn_problem *p, size_t size, size_t k) {
    if (!p || cn__blocking(p->ctx->status)) return 0;
    size = CN__MIN(size ? size : 32, p->n);
    return cn__check_alone(p->ctx, p->net, size) ? 0 : cn__batch_size(p, size, k);
}

static int cn__check_batch(cn_ctx *c, const cn_problem *p, const cn_batch *b) {
    size_t i;
    if (!b) return CN_OK;
    if (!b->n) return cn__fail(c, CN_E_ARGUMENT, "batch: it has no samples");
    if (!b->index && b->n > p->n) return cn__fail(c, CN_E_ARGUMENT, "batch: %z samples of %z", b->n, p->n);
    if (b->train && cn__check_alone(c, p->net, b->n)) return CN_E_ARGUMENT;
    for (i = 0; b->index && i < b->n; i++)
        if (b->index[i] >= p->n)
            return cn__fail(c, CN_E_ARGUMENT, "batch: index[%z] is %z; the data have %z samples", i,
                            (size_t)b->index[i], p->n);
    return CN_OK;
}

/* ---- loss, gradient, predictions */

static void cn__chunk_evaluate(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    size_t K = p->ask.p->net->outputs, i, j, best;
    const cn_real *f = cn__outputs(p, c);
    cn_real *g;
    cn__losses(p, c, p->ask.direct != NULL, 1 / (double)p->geo.n);
    for (i = 0; i < c->n; i++, f += K) {
        lane->loss += c->loss[i];
        for (best = 0, j = 1; j < K; j++)
            if (f[j] > f[best]) best = j;
        lane->correct += c->label[i] == (int32_t)best;
    }
    if (!p->ask.direct) return;
    g = cn__gtheta(p, w);
    cn__reverse(p, c, w, &p->route, c->gy, g, NULL, 0);
    cn__add_gtheta(p, lane, g);
}

static int cn__evaluate(cn__ws *w, cn_problem *q, const cn_real *theta, const cn_batch *b, cn_real *gradient,
                        cn_eval *e) {
    const cn_net *net = q->net;
    cn__pass p;
    int status = cn__check_labelled(w->ctx, q, "loss");
    if (status) return status;
    cn__start(&p, q, NULL, theta, cn__chunk_evaluate);
    p.ask.batch = b;
    p.ask.needs = CN__LOSSES;
    p.ask.direct = gradient;
    p.ask.sums = p.ask.room = gradient ? net->params : 0;
    p.ask.to_direct = gradient != NULL;
    if (gradient && net->state && b && b->train)
        p.ask.new_state = gradient + net->params;
    else if (gradient && w->base)
        memset(gradient + net->params, 0, net->state * sizeof *gradient);
    status = cn__run_pass(w, &p);
    if (status || !w->base) return status;
    e->n = p.geo.n;
    e->correct = p.correct;
    e->loss = p.loss / (double)p.geo.n;
    e->grad_norm = gradient ? sqrt(cn__dot(p.geo.isa, net->params, gradient, gradient)) : 0;
    if (!cn__finite(e->loss) || !cn__finite(e->grad_norm))
        return cn__fail(w->ctx, CN_E_NUMERIC, "the %s is not finite: theta has diverged or the data are too large",
                        cn__finite(e->loss) ? "gradient" : "loss");
    if (gradient && cn__first_not_finite(net->state, gradient + net->params) < net->state)
        return cn__fail(w->ctx, CN_E_NUMERIC, "a batch's statistics are not finite: the data are too large");
    return CN_OK;
}

static int cn__checked_evaluate(cn__ws *w, cn_problem *p, const cn_real *theta, const cn_batch *b, cn_real *gradient,
                                cn_eval *e) {
    int status = theta ? cn__check_batch(w->ctx, p, b) : cn__fail(w->ctx, CN_E_ARGUMENT, "evaluate: theta is missing");
    return status ? status : cn__evaluate(w, p, theta, b, gradient, e);
}

CN_API cn_eval cn_evaluate(cn_problem *p, const cn_real *theta, const cn_batch *b, cn_real *gradient) {
    CN__RESULT(cn_eval, p, cn__checked_evaluate(&w, p, theta, b, gradient, &r));
}

static void cn__chunk_predict(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    size_t K = p->ask.p->net->outputs;
    (void)w;
    (void)lane;
    memcpy(p->ask.out + c->first * K, cn__outputs(p, c), c->n * K * sizeof *p->ask.out);
}

static int cn__predict(cn__ws *w, cn_problem *q, const cn_real *theta, const cn_batch *b, cn_real *out) {
    cn__pass p;
    int status;
    if (!theta || !out) return cn__fail(w->ctx, CN_E_ARGUMENT, "predict: theta or out is missing");
    if ((status = cn__check_batch(w->ctx, q, b)) != CN_OK) return status;
    cn__start(&p, q, NULL, theta, cn__chunk_predict);
    p.ask.batch = b;
    p.ask.out = out;
    status = cn__run_pass(w, &p);
    return cn__written(w, "predict", status, p.geo.n * q->net->outputs, out);
}

CN_API int cn_predict(cn_problem *p, const cn_real *theta, const cn_batch *b, cn_real *out) {
    CN__DO(p, cn__predict(&w, p, theta, b, out));
}

static int cn__forward_alone(cn__ws *w, const cn_net *net, const cn_real *theta, cn_tensor x, cn_real *out) {
    cn_problem p;
    cn_problem_desc d;
    cn_data data;
    int status;
    memset(&data, 0, sizeof data);
    data.x = x;
    if (!net) return cn__fail(w->ctx, CN_E_ARGUMENT, "forward: the network is missing");
    memset(&d, 0, sizeof d);
    if ((status = cn__problem_of(w->ctx, net, &data, &d, &p)) != CN_OK) return status;
    return cn__predict(w, &p, theta, NULL, out);
}

CN_API int cn_forward(cn_ctx *c, const cn_net *net, const cn_real *theta, cn_tensor x, cn_real *out) {
    cn__ws w;
    int status;
    CN__CALL(w, c, status, cn__forward_alone(&w, net, theta, x, out));
    return status;
}
/* ---- point */

static int cn__point_create(cn__ws *w, cn_problem *p, const cn_real *theta, size_t cache_bytes) {
    cn_ctx *c = w->ctx;
    const cn_net *net = p->net;
    size_t size = net->params + net->state, chunks = (p->n + p->chunk - 1) / p->chunk, bad, frame, fit;
    cn_point *at;
    cn_real *copy, *gradient, *cache;
    unsigned char *filled;
    if (!theta) return cn__fail(c, CN_E_ARGUMENT, "point: theta is missing");
    bad = cn__first_not_finite(size, theta);
    if (bad < size) return cn__fail(c, CN_E_DATA, "point: theta[%z] is not finite", bad);
    if (cn__overflows(p->chunk, 2 * net->features + net->saved))
        return cn__fail(c, CN_E_SIZE, "point: a chunk's activations overflow");
    frame = p->chunk * (2 * net->features + net->saved);
    fit = p->data.y.data ? CN__MIN(cache_bytes / sizeof(cn_real) / frame, chunks) : 0; /* it holds loss gradients */
    at = CN__TAKE(w, cn_point, 1);
    copy = CN__TAKE(w, cn_real, size);
    gradient = CN__TAKE(w, cn_real, size);
    cache = CN__TAKE(w, cn_real, fit * frame);
    filled = CN__TAKE(w, unsigned char, fit);
    if (!w->base) return CN_OK;
    memset(at, 0, sizeof *at);
    memcpy(copy, theta, size * sizeof *copy);
    memset(filled, 0, fit);
    at->ctx = c;
    at->p = p;
    at->theta = copy;
    at->gradient = gradient;
    at->cache = cache;
    at->filled = filled;
    at->cached = fit;
    at->frame = frame;
    return CN_OK;
}

CN_API cn_point *cn_point_create(cn_problem *p, const cn_real *theta, size_t cache_bytes) {
    cn__ws w;
    cn_point *at;
    if (!p) return NULL;
    CN__CREATE(w, p->ctx, cn_point, at, cn__point_create(&w, p, theta, cache_bytes));
    return at;
}

static int cn__point_gradient(cn__ws *w, cn_point *at) /* the mean gradient, once */
{
    size_t mark = w->at;
    cn_eval e;
    int status;
    if (at->have_gradient) return CN_OK;
    status = cn__evaluate(w, at->p, at->theta, NULL, at->gradient, &e);
    if (w->base && status == CN_OK) at->have_gradient = 1;
    w->at = mark;
    return status;
}

CN_API cn_point_info cn_point_describe(const cn_point *at) {
    cn_point_info info;
    memset(&info, 0, sizeof info);
    if (!at) return info;
    info.problem = at->p;
    info.theta = at->theta;
    info.n = at->p->n;
    info.outputs = at->p->net->outputs;
    info.params = at->p->net->params;
    return info;
}

static int cn__gradient(cn__ws *w, cn_point *at, cn_block block, cn_real *out) {
    int status = cn__resolve(w->ctx, at->p->net, &block);
    if (status) return status;
    if (!out) return cn__fail(w->ctx, CN_E_ARGUMENT, "gradient: out is missing");
    status = cn__point_gradient(w, at);
    if (status == CN_OK && w->base) memcpy(out, at->gradient + block.first, block.count * sizeof *out);
    return cn__written(w, "gradient", status, block.count, out);
}

CN_API int cn_gradient(cn_point *at, cn_block block, cn_real *out) { CN__DO(at, cn__gradient(&w, at, block, out)); }

/* ---- products with k vectors over a block */

static void cn__copy_rows(size_t k, size_t n, const cn_real *from, size_t from_row, cn_real *to, size_t to_row) {
    for (; k > 0; k--, from += from_row, to += to_row) memcpy(to, from, n * sizeof *to);
}

/* Tangents [k][count] of the block become the route's [k][span]. */
static void cn__vary(cn__ws *w, cn__pass *p, const cn_real *v) {
    size_t count = p->ask.block.count, span = p->route.span;
    cn_real *padded;
    p->route.v = v;
    p->ask.needs |= CN__TANGENTS;
    if (count == span) return;
    padded = CN__TAKE(w, cn_real, cn__times(p->ask.k, span));
    if (!w->base) return;
    memset(padded, 0, p->ask.k * span * sizeof *padded);
    cn__copy_rows(p->ask.k, count, v, count, padded + (p->ask.block.first - p->route.first), span);
    p->route.v = padded;
}

/* Runs a pass whose sums are [k][span] and cuts the block out of them. */
static int cn__run_pass_block(cn__ws *w, cn__pass *p, cn_real *out) {
    size_t count = p->ask.block.count, span = p->route.span;
    cn_real *whole = count == span ? out : CN__TAKE(w, cn_real, cn__times(p->ask.k, span));
    int status;
    p->ask.needs |= CN__SIGNALS;
    p->ask.sums = p->ask.room = cn__times(p->ask.k, span);
    p->ask.direct = whole;
    p->ask.to_direct = 1;
    status = cn__run_pass(w, p);
    if (status == CN_OK && w->base && count != span)
        cn__copy_rows(p->ask.k, count, whole + (p->ask.block.first - p->route.first), span, out, count);
    return status;
}

/* The signals by the outputs, M times the tangents of the outputs, [n][k][outputs]. */
static void cn__apply_kind(const cn__pass *p, const cn__chunk *c, const cn__work *w, const cn__kind *kind, size_t k) {
    size_t K = p->ask.p->net->outputs, i, j;
    const cn_real *f_t = cn__output_tangents(p, w, k);
    cn_real *out = cn__output_signals(p, w, k);
    for (i = 0; i < c->n; i++) {
        cn__sample s = cn__sample_of(p, c, i);
        for (j = 0; j < k; j++, f_t += K, out += K) kind->apply(&s, f_t, out);
    }
}

static void cn__chunk_product(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    cn_real *g = cn__gtheta(p, w);
    cn__tangent(p, c, w, &p->route);
    cn__apply_kind(p, c, w, p->ask.kind, p->ask.k);
    cn__reverse(p, c, w, &p->route, w->gy_t, g, NULL, p->ask.kind->second);
    cn__add_gtheta(p, lane, g);
}

/* out [k][count] = A v over the block (resolved). Of S: C v. */
static int cn__product(cn__ws *w, cn_point *at, const cn__kind *kind, cn_block block, size_t k, const cn_real *v,
                       cn_real *out) {
    cn__pass p;
    size_t mark = w->at;
    int status;
    cn__start_block(&p, at, kind, block, cn__chunk_product);
    p.ask.k = k;
    cn__vary(w, &p, v);
    status = cn__run_pass_block(w, &p, out);
    w->at = mark;
    return status;
}

static void cn__chunk_quadratic(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    size_t K = p->ask.p->net->outputs, k = p->ask.k, i, j, a;
    const cn_real *f_t;
    cn_real *u = w->extra;
    cn__tangent(p, c, w, &p->route);
    f_t = cn__output_tangents(p, w, k);
    for (i = 0; i < c->n; i++) {
        cn__sample s = cn__sample_of(p, c, i);
        for (j = 0; j < k; j++, f_t += K) {
            double dot = 0;
            if (p->ask.kind->one_row) {
                dot = cn__score_dot(&s, f_t);
                lane->sum[j] += dot * dot;
                continue;
            }
            p->ask.kind->apply(&s, f_t, u);
            for (a = 0; a < K; a++) dot += (double)u[a] * (double)f_t[a];
            lane->sum[j] += dot;
        }
    }
}

/* values[j] = v_j'A v_j, not of H or K: one forward-mode pass. */
static int cn__quadratic(cn__ws *w, cn_point *at, const cn__kind *kind, cn_block block, size_t k, const cn_real *v,
                         double *values) {
    cn__pass p;
    size_t mark = w->at;
    int status;
    cn__start_block(&p, at, kind, block, cn__chunk_quadratic);
    p.ask.k = p.ask.sums = k;
    p.ask.extra = at->p->net->outputs;
    p.ask.values = values;
    cn__vary(w, &p, v);
    status = cn__run_pass(w, &p);
    w->at = mark;
    return status;
}

/* ---- gradients of single samples */

/* One sample's gradient of a layer's parameters into g; io views that sample. An affine layer unfolds it once (fresh)
   for all its signals. */
static void cn__sample_gradient(const cn__node *node, cn_io io, int fresh, const cn_real *signal, cn_real *g) {
    const cn_affine *a = &node->affine;
    size_t rows = node->has_affine ? a->rows / a->groups : 0, P = a->positions, i;
    const cn_real *patches = io.x;
    io.n = io.k = 1;
    if (!node->has_affine) { /* any other layer: its own backward */
        memset(g, 0, node->item.params * sizeof *g);
        io.gy = signal;
        io.gtheta = g;
        node->row->backward(&io);
        return;
    }
    if (node->row->unfold) {
        if (fresh) node->row->unfold(&io, io.x, io.scratch);
        patches = io.scratch;
    }
    for (i = 0; i < a->groups; i++)
        cn__gemm(io.isa, rows, a->cols, P, 1, signal + i * rows * P, P, 1, patches + i * a->cols * P, 1, P, 0,
                 g + i * rows * a->cols, a->cols, 1, io.pack);
    if (!a->bias) return;
    memset(g + a->rows * a->cols, 0, a->rows * sizeof *g);
    cn__sum_of_rows(a->rows, P, signal, g + a->rows * a->cols);
}

/* What is done with a gradient g [params] of a node, of sample i of the chunk and its signal j. */
typedef void (*cn__use)(void *user, const cn__node *node, size_t i, size_t j, const cn_real *g);

static void cn__node_gradients(const cn__pass *p, const cn__chunk *c, cn__work *w, size_t number, size_t k,
                               const cn_real *signals, cn__use use, void *user) {
    const cn__node *node = p->ask.p->net->node + number;
    const cn_real *signal = signals + cn__offset(p, k, number);
    cn_io io = cn__io(p, c, w, &p->route, number);
    size_t i, j;
    for (i = 0; i < c->n; i++, cn__next_sample(node, &io))
        for (j = 0; j < k; j++, signal += node->out) {
            cn__sample_gradient(node, io, j == 0, signal, w->gtheta);
            use(user, node, i, j, w->gtheta);
        }
}

/* The same for every node of the route's span. */
static void cn__all_gradients(const cn__pass *p, const cn__chunk *c, cn__work *w, size_t k, const cn_real *signals,
                              cn__use use, void *user) {
    const cn_net *net = p->ask.p->net;
    size_t i;
    for (i = 0; i < net->count; i++)
        if (cn__span_offset(&p->route, net->node + i) != CN__INVALID)
            cn__node_gradients(p, c, w, i, k, signals, use, user);
}

/* The part of a node's gradient that lies in a block: g[from .. to) belongs to the block's elements at .. */
typedef struct cn__part {
    size_t from, to, at;
} cn__part;

static cn__part cn__part_in(const cn__node *node, cn_block block) {
    cn__part part;
    size_t first = CN__MAX(node->theta, block.first);
    part.from = first - node->theta;
    part.to = CN__MIN(node->theta + node->item.params, block.first + block.count) - node->theta;
    part.at = first - block.first;
    return part;
}

/* Rows of gradients over a block, one after another: row r of `out` begins at r * stride. */
typedef struct cn__rows_to {
    cn_real *out;
    cn_block block;
    size_t first, sample, signal; /* row = (first + i) * sample + j * signal */
} cn__rows_to;

static void cn__use_row(void *user, const cn__node *node, size_t i, size_t j, const cn_real *g) {
    cn__rows_to *r = (cn__rows_to *)user;
    cn__part part = cn__part_in(node, r->block);
    size_t row = (r->first + i) * r->sample + j * r->signal;
    memcpy(r->out + row * r->block.count + part.at, g + part.from, (part.to - part.from) * sizeof *g);
}

static void cn__chunk_gradients(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    cn__rows_to rows;
    (void)lane;
    rows.out = p->ask.out;
    rows.block = p->ask.block;
    rows.first = c->first;
    rows.sample = rows.signal = 1;
    cn__all_gradients(p, c, w, 1, c->gy, cn__use_row, &rows);
}

static int cn__gradients(cn__ws *w, cn_point *at, cn_block block, cn_real *out) {
    cn__pass p;
    int status = cn__resolve(w->ctx, at->p->net, &block);
    if (status) return status;
    if (!out) return cn__fail(w->ctx, CN_E_ARGUMENT, "gradients: out is missing");
    if ((status = cn__check_labelled(w->ctx, at->p, "gradients")) != CN_OK) return status;
    cn__start_block(&p, at, NULL, block, cn__chunk_gradients);
    p.ask.out = out;
    p.ask.needs = CN__LOSSES | CN__DELTAS;
    p.ask.room = at->p->net->widest_params;
    status = cn__run_pass(w, &p);
    return cn__written(w, "gradients", status, at->p->n * block.count, out);
}

CN_API int cn_gradients(cn_point *at, cn_block block, cn_real *out) { CN__DO(at, cn__gradients(&w, at, block, out)); }

/* ---- squared norms of rows: r'J (C), rows of the factor of Lambda times J (G, F), J itself */

/* norms[2] += of the weight and of the bias, as far as they lie in from .. to - 1: squared norms of one sample's
   gradients for k signals. */
static void cn__sample_norms(const cn__node *node, cn_io io, size_t from, size_t to, size_t k, const cn_real *signal,
                             cn_real *g, double *norms) {
    size_t weights = cn__weights(node), end = CN__MIN(to, weights), bias = CN__MAX(from, weights), j;
    double d2;
    if (cn__plain_dense(node)) { /* g = delta a': ||g||^2 = ||delta||^2 (||a||^2 + 1) */
        d2 = cn__dot(io.isa, k * node->out, signal, signal);
        norms[0] += from < weights ? d2 * cn__dot(io.isa, node->in, io.x, io.x) : 0;
        norms[1] += to > weights ? d2 : 0;
        return;
    }
    for (j = 0; j < k; j++, signal += node->out) {
        cn__sample_gradient(node, io, j == 0, signal, g);
        norms[0] += end > from ? cn__dot(io.isa, end - from, g + from, g + from) : 0;
        norms[1] += to > bias ? cn__dot(io.isa, to - bias, g + bias, g + bias) : 0;
    }
}

/* Every sample's rows of M as signals by the outputs, [n][rows][outputs]. */
static void cn__row_signals(const cn__pass *p, const cn__chunk *c, const cn__work *w) {
    size_t i, row = p->ask.k * p->ask.p->net->outputs;
    cn_real *u = cn__output_signals(p, w, p->ask.k);
    for (i = 0; i < c->n; i++) {
        cn__sample s = cn__sample_of(p, c, i);
        p->ask.kind->rows(&s, u + i * row);
    }
}

/* Those signals at every live node. */
static void cn__row_passes(const cn__pass *p, const cn__chunk *c, cn__work *w) {
    cn__row_signals(p, c, w);
    cn__reverse(p, c, w, &p->route, w->gy_t, NULL, NULL, 0);
}

/* A pass over the rows of a kind. */
static void cn__start_rows(cn__pass *p, cn_point *at, const cn__kind *kind, cn_block block,
                           void (*chunk)(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane)) {
    cn__start_block(p, at, kind, block, chunk);
    p->ask.k = cn__rows_a_sample(at->p->net, kind);
    p->ask.needs |= CN__SIGNALS;
    p->ask.room = at->p->net->widest_params;
}

/* Can traces over this block come from norms? It must be whole layers, or one part of a layer. */
static int cn__norm_parts(const cn_net *net, cn_block block) {
    size_t i, j, weights;
    cn_block own;
    for (i = 0; i < net->count; i++) {
        const cn__node *node = net->node + i;
        cn__part part;
        if (!node->item.params || node->theta + node->item.params <= block.first ||
            node->theta >= block.first + block.count)
            continue;
        part = cn__part_in(node, block);
        if (part.to - part.from == node->item.params) continue;
        weights = cn__weights(node);
        if (cn__plain_dense(node) && part.from != weights && part.to != weights) return 0; /* the user's names cut it */
        for (j = 0; j < cn__params_parts(node); j++) {
            own = cn__param_part(node, j);
            if (block.first == node->theta + own.first && block.count == own.count) return 1;
        }
        return 0;
    }
    return 1;
}

static void cn__chunk_norms(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    const cn_net *net = p->ask.p->net;
    size_t i, j;
    cn__part part;
    cn__row_passes(p, c, w);
    for (i = 0; i < net->count; i++) {
        const cn__node *node = net->node + i;
        const cn_real *signal = w->gy_t + cn__offset(p, p->ask.k, i);
        cn_io io = cn__io(p, c, w, &p->route, i);
        if (cn__span_offset(&p->route, node) == CN__INVALID) continue;
        part = cn__part_in(node, p->ask.block);
        for (j = 0; j < c->n; j++, signal += p->ask.k * node->out, cn__next_sample(node, &io)) {
            double norms[2] = {0, 0};
            cn__sample_norms(node, io, part.from, part.to, p->ask.k, signal, w->gtheta, norms);
            lane->sum[0] += norms[0] + norms[1];
        }
    }
}

/* *value = tr A over the block: as many backward passes as rows a sample. The block must suit cn__norm_parts. */
static int cn__trace_norms(cn__ws *w, cn_point *at, const cn__kind *kind, cn_block block, double *value) {
    cn__pass p;
    size_t mark = w->at;
    int status;
    cn__start_rows(&p, at, kind, block, cn__chunk_norms);
    p.ask.sums = 1;
    p.ask.values = value;
    status = cn__run_pass(w, &p);
    w->at = mark;
    return status;
}

/* ---- J v and J'u */

static void cn__chunk_jv(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    size_t row = p->ask.k * p->ask.p->net->outputs;
    (void)lane;
    cn__tangent(p, c, w, &p->route);
    memcpy(p->ask.out + c->first * row, cn__output_tangents(p, w, p->ask.k), c->n * row * sizeof *p->ask.out);
}

static void cn__chunk_jtu(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    size_t row = p->ask.k * p->ask.p->net->outputs;
    cn_real *g = cn__gtheta(p, w);
    memcpy(cn__output_signals(p, w, p->ask.k), p->ask.u + c->first * row, c->n * row * sizeof *p->ask.u);
    cn__reverse(p, c, w, &p->route, w->gy_t, g, NULL, 0);
    cn__add_gtheta(p, lane, g);
}

/* g_i.v for per-sample gradients: r.(J v) */
static void cn__chunk_gv(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    size_t K = p->ask.p->net->outputs, k = p->ask.k, i, j;
    const cn_real *f_t;
    cn_real *out = p->ask.out + c->first * k;
    (void)lane;
    cn__tangent(p, c, w, &p->route);
    f_t = cn__output_tangents(p, w, k);
    for (i = 0; i < c->n; i++) {
        cn__sample s = cn__sample_of(p, c, i);
        for (j = 0; j < k; j++, f_t += K) *out++ = (cn_real)cn__score_dot(&s, f_t);
    }
}

/* block resolved */
static int cn__jv(cn__ws *w, cn_point *at, cn_block block, size_t k, const cn_real *v, cn_real *out) {
    cn__pass p;
    cn__start_block(&p, at, NULL, block, cn__chunk_jv);
    p.ask.k = k;
    p.ask.out = out;
    cn__vary(w, &p, v);
    return cn__run_pass(w, &p);
}

static int cn__jtu(cn__ws *w, cn_point *at, cn_block block, size_t k, const cn_real *u, cn_real *out) {
    cn__pass p;
    cn__start_block(&p, at, NULL, block, cn__chunk_jtu);
    p.ask.k = k;
    p.ask.u = u;
    p.ask.scale = 1; /* a sum over the samples */
    return cn__run_pass_block(w, &p, out);
}

static int cn__gv(cn__ws *w, cn_point *at, cn_block block, size_t k, const cn_real *v, cn_real *out) {
    cn__pass p;
    int status = cn__check_labelled(w->ctx, at->p, "g v");
    if (status) return status;
    cn__start_block(&p, at, NULL, block, cn__chunk_gv);
    p.ask.k = k;
    p.ask.out = out;
    p.ask.needs = CN__LOSSES;
    cn__vary(w, &p, v);
    return cn__run_pass(w, &p);
}

typedef int (*cn__mapping)(cn__ws *w, cn_point *at, cn_block block, size_t k, const cn_real *in, cn_real *out);

static int cn__map(cn__ws *w, const char *what, cn__mapping map, cn_point *at, cn_block block, size_t k,
                   const cn_real *in, cn_real *out) {
    size_t n = map == cn__jv ? at->p->n * at->p->net->outputs : map == cn__gv ? at->p->n : 0;
    int status = cn__resolve(w->ctx, at->p->net, &block);
    if (status) return status;
    if (!k || !in || !out) return cn__fail(w->ctx, CN_E_ARGUMENT, "%s: no vectors, or an array is missing", what);
    status = map(w, at, block, k, in, out);
    return cn__written(w, what, status, k * (n ? n : block.count), out);
}

CN_API int cn_jv(cn_point *at, cn_block block, size_t k, const cn_real *v, cn_real *out) {
    CN__DO(at, cn__map(&w, "J v", cn__jv, at, block, k, v, out));
}

CN_API int cn_jtu(cn_point *at, cn_block block, size_t k, const cn_real *u, cn_real *out) {
    CN__DO(at, cn__map(&w, "J'u", cn__jtu, at, block, k, u, out));
}

CN_API int cn_gv(cn_point *at, cn_block block, size_t k, const cn_real *v, cn_real *out) {
    CN__DO(at, cn__map(&w, "g v", cn__gv, at, block, k, v, out));
}

/* ---- signals that begin at an item: at its preactivations z (unit vectors), or at its input */

/* The second-order pass above node i, whose y_t [n][k][out] is written: derivatives of its delta, [n][k][out]. */
static const cn_real *cn__delta_tangents(const cn__pass *p, const cn__chunk *c, cn__work *w, size_t i, size_t k) {
    cn__route r = cn__route_from(p->ask.p->net, i, k, w->live);
    cn__tangent(p, c, w, &r);
    cn__apply_kind(p, c, w, cn__kinds + CN_OP_HESSIAN, k);
    cn__reverse(p, c, w, &r, w->gy_t, NULL, NULL, 1);
    return w->gy_t + cn__offset(p, k, i);
}

/* Rows first .. first + k - 1 of every sample's Hessian by z at node i, [n][k][out]. */
static const cn_real *cn__z_hessian_rows(const cn__pass *p, const cn__chunk *c, cn__work *w, size_t i, size_t first,
                                         size_t k) {
    size_t out = p->ask.p->net->node[i].out, r, j;
    cn_real *unit = w->y_t + cn__offset(p, k, i);
    memset(unit, 0, c->n * k * out * sizeof *unit);
    for (r = 0; r < c->n; r++)
        for (j = 0; j < k; j++) unit[(r * k + j) * out + first + j] = 1;
    return cn__delta_tangents(p, c, w, i, k);
}

/* ---- visit */

typedef struct cn__visitor {
    const cn_visit_desc *d;
    size_t item;                                /* CN__INVALID: all; CN__NETWORK: the network as a whole */
    int (*visit)(void *user, const cn_view *v); /* the caller's, in order; or the library's, by lanes: */
    int (*add)(void *user, const cn_view *v, double *sum, double *room); /* returns a status */
    void *user;
    size_t sums, room; /* of add; room: doubles a sample */
    double *values;    /* mean of the sums over the samples */
} cn__visitor;

#define CN__NETWORK (CN__INVALID - 1)
#define CN__WANT_NETWORK (CN_WANT_X_JACOBIAN | CN_WANT_X_GRADIENT)
#define CN__WANT_JACOBIANS (CN_WANT_Z_JACOBIAN | CN_WANT_A_JACOBIAN | CN_WANT_Z_FACTOR | CN_WANT_JACOBIAN_NORM)
#define CN__WANT_SECOND (CN_WANT_Z_HESSIAN | CN_WANT_TANGENT)
#define CN__WANT_DELTAS (CN_WANT_DELTA | CN_WANT_GRADIENT | CN_WANT_NORM | CN__WANT_SECOND)

/* Where arrays of an item begin in w->extra, in reals a sample. */
typedef struct cn__layout {
    size_t x_gradient, a_t, delta_t, hessian, factor, a_jacobian, patches, gradient, total;
} cn__layout;

static size_t cn__add_part(size_t *total, int wanted, size_t size) {
    size_t at = *total;
    if (wanted) *total = cn__plus(at, size);
    return at;
}

static cn__layout cn__view_layout(const cn_net *net, const cn__node *node, const cn_visit_desc *d) {
    cn__layout l;
    unsigned want = d->want;
    size_t K = net->outputs, k = CN__MAX(d->tangents, 1);
    memset(&l, 0, sizeof l);
    l.x_gradient = cn__add_part(&l.total, want & CN_WANT_X_GRADIENT, net->inputs);
    if (!node) return l;
    l.a_t = cn__add_part(&l.total, want & CN_WANT_TANGENT, cn__times(k, node->in));
    l.delta_t = cn__add_part(&l.total, want & CN_WANT_TANGENT, cn__times(k, node->out));
    l.hessian = cn__add_part(&l.total, want & CN_WANT_Z_HESSIAN, cn__times(node->out, node->out));
    l.factor = cn__add_part(&l.total, want & CN_WANT_Z_FACTOR, cn__times(K, node->out));
    l.a_jacobian = cn__add_part(&l.total, want & CN_WANT_A_JACOBIAN, cn__times(K, node->in));
    l.patches = cn__add_part(&l.total, (want & CN_WANT_PATCHES) && node->row->unfold,
                             node->affine.groups * node->affine.cols * node->affine.positions);
    l.gradient = cn__add_part(&l.total, (want & CN_WANT_GRADIENT) && d->chunks, node->item.params);
    return l;
}

/* What one chunk shows of one item, NULL for the network as a whole. */
typedef struct cn__sight {
    const cn__pass *p;
    const cn__chunk *c;
    cn__work *w;
    const cn__visitor *v;
    const cn__node *node;
    cn__layout l;
    cn_io io; /* of the first sample */
} cn__sight;

static cn_real *cn__extra(const cn__sight *s, size_t part) { return s->w->extra + s->p->geo.chunk * part; }

/* A view of samples first .. first + n - 1 of the chunk that shows what is wanted. */
static cn_view cn__view(const cn__sight *s, unsigned want, size_t first, size_t n) {
    const cn__pass *p = s->p;
    const cn__chunk *c = s->c;
    const cn_net *net = p->ask.p->net;
    const cn__node *node = s->node;
    size_t K = net->outputs, M = net->inputs, k = CN__MAX(s->v->d->tangents, 1), in = node ? node->in : M,
           out = node ? node->out : K, i = node ? (size_t)(node - net->node) : 0;
    cn_view v;
    memset(&v, 0, sizeof v);
    v.n = n;
    v.sample = c->sample[first];
    v.name = node ? node->name : "";
    v.item = i;
    v.in = in;
    v.out = out;
    v.params = node ? node->item.params : 0;
    v.inputs = M;
    v.outputs = K;
    v.k = k;
    v.label = c->label + first;
    v.x = c->x + first * M;
    v.f = cn__outputs(p, c) + first * K;
    if (p->ask.p->data.y.data) {
        v.loss = c->loss + first;
        v.target = c->target + first * K;
        v.residual = cn__residuals(p, c) + first * K;
    }
    if (want & CN_WANT_X_JACOBIAN) v.x_jacobian = s->w->gx + first * K * M;
    if (want & CN_WANT_X_GRADIENT) v.x_gradient = cn__extra(s, s->l.x_gradient) + first * M;
    v.a = v.x;
    if (!node) return v;
    v.affine = node->affine;
    v.weight = p->ask.theta + node->theta;
    v.a = s->io.x + first * in;
    if (want & CN_WANT_DELTA) v.delta = c->gy + cn__offset(p, 1, i) + first * out;
    if (want & CN_WANT_PATCHES)
        v.patches = node->row->unfold ? cn__extra(s, s->l.patches) +
                                            first * node->affine.groups * node->affine.cols * node->affine.positions
                                      : v.a;
    if (want & CN_WANT_GRADIENT)
        v.gradient = s->v->d->chunks ? cn__extra(s, s->l.gradient) + first * v.params : s->w->gtheta;
    if (want & (CN_WANT_GRADIENT | CN_WANT_NORM)) v.norm2 = s->w->numbers + 2 * first;
    if (want & CN_WANT_JACOBIAN_NORM) v.jacobian_norm2 = s->w->numbers + 2 * (p->geo.chunk + first);
    if (want & CN_WANT_Z_JACOBIAN) v.z_jacobian = s->w->gy_t + cn__offset(p, K, i) + first * K * out;
    if (want & CN_WANT_A_JACOBIAN) v.a_jacobian = cn__extra(s, s->l.a_jacobian) + first * K * in;
    if (want & CN_WANT_Z_FACTOR) v.z_factor = cn__extra(s, s->l.factor) + first * K * out;
    if (want & CN_WANT_Z_HESSIAN) v.z_hessian = cn__extra(s, s->l.hessian) + first * out * out;
    if (want & CN_WANT_TANGENT) {
        v.a_t = cn__extra(s, s->l.a_t) + first * k * in;
        v.delta_t = cn__extra(s, s->l.delta_t) + first * k * out;
    }
    return v;
}

/* Signals for every output by the outputs, down to the items and, where gx is given, to the data. */
static void cn__unit_signals(const cn__sight *s, cn_real *gx) {
    size_t K = s->p->ask.p->net->outputs, n = s->c->n, r;
    cn_real *u = cn__output_signals(s->p, s->w, K);
    cn__route route = s->p->route;
    route.k = K;
    memset(u, 0, n * K * K * sizeof *u);
    for (r = 0; r < n * K; r++) u[r * K + r % K] = 1;
    cn__reverse(s->p, s->c, s->w, &route, s->w->gy_t, NULL, gx, 0);
}

/* The loss gradient by the data. */
static void cn__see_x_gradient(const cn__sight *s) {
    const cn__pass *p = s->p;
    cn__route route = p->route;
    route.k = 1;
    memcpy(cn__output_signals(p, s->w, 1), cn__residuals(p, s->c), s->c->n * p->ask.p->net->outputs * sizeof(cn_real));
    cn__reverse(p, s->c, s->w, &route, s->w->gy_t, NULL, cn__extra(s, s->l.x_gradient), 0);
}

/* What the caller's change of the item's input does to its delta; nonzero: the caller stopped. */
static int cn__see_tangent(const cn__sight *s, size_t i) {
    const cn__node *node = s->node;
    size_t k = CN__MAX(s->v->d->tangents, 1), n = s->c->n, step = s->v->d->chunks ? n : 1, r;
    cn__route route = s->p->route;
    cn_real *a_t = cn__extra(s, s->l.a_t);
    cn_io io;
    for (r = 0; r < n; r += step) {
        cn_view v = cn__view(s, 0, r, step);
        if (s->v->d->inject(s->v->user, &v, a_t + r * k * node->in)) return 1;
    }
    route.k = k;
    route.span = 0; /* the weight stays */
    io = cn__io(s->p, s->c, s->w, &route, i);
    io.x_t = a_t;
    io.y_t = s->w->y_t + cn__offset(s->p, k, i);
    node->row->tangent(&io);
    memcpy(cn__extra(s, s->l.delta_t), cn__delta_tangents(s->p, s->c, s->w, i, k), n * k * node->out * sizeof(cn_real));
    return 0;
}

static void cn__see_z_hessian(const cn__sight *s, size_t i) {
    size_t out = s->node->out, first, k, r;
    cn_real *to = cn__extra(s, s->l.hessian);
    for (first = 0; first < out; first += k) {
        const cn_real *rows;
        k = CN__MIN(out - first, CN__GROUP);
        rows = cn__z_hessian_rows(s->p, s->c, s->w, i, first, k);
        for (r = 0; r < s->c->n; r++) memcpy(to + (r * out + first) * out, rows + r * k * out, k * out * sizeof *to);
    }
}

/* B = R'R with R = T df/dz, where Lambda = T'T: T by the outputs in scratch. */
static void cn__see_z_factor(const cn__sight *s, size_t i) {
    size_t K = s->p->ask.p->net->outputs, out = s->node->out, r;
    const cn_real *jacobian = s->w->gy_t + cn__offset(s->p, K, i);
    cn_real *t = s->w->y_t, *to = cn__extra(s, s->l.factor);
    for (r = 0; r < s->c->n; r++) {
        cn__sample sample = cn__sample_of(s->p, s->c, r);
        cn__lambda_rows(&sample, t);
        cn__gemm(s->p->geo.isa, K, out, K, 1, t, K, 1, jacobian + r * K * out, out, 1, 0, to + r * K * out, out, 1,
                 s->w->pack);
    }
}

/* What is made of single samples: patches, gradients, norms. */
static void cn__see_sample(const cn__sight *s, size_t i, size_t r, cn_io io) {
    const cn__node *node = s->node;
    const cn__pass *p = s->p;
    unsigned want = s->v->d->want;
    size_t K = p->ask.p->net->outputs, params = node->item.params;
    double *norm2 = s->w->numbers + 2 * r, *jacobian = s->w->numbers + 2 * (p->geo.chunk + r);
    const cn_real *delta = s->c->gy + cn__offset(p, 1, i) + r * node->out;
    norm2[0] = norm2[1] = jacobian[0] = jacobian[1] = 0;
    if ((want & CN_WANT_PATCHES) && node->row->unfold)
        node->row->unfold(&io, io.x,
                          cn__extra(s, s->l.patches) +
                              r * node->affine.groups * node->affine.cols * node->affine.positions);
    if (want & CN_WANT_JACOBIAN_NORM)
        cn__sample_norms(node, io, 0, params, K, s->w->gy_t + cn__offset(p, K, i) + r * K * node->out, s->w->gtheta,
                         jacobian);
    if (want & (CN_WANT_GRADIENT | CN_WANT_NORM)) {
        cn_real *g =
            want & CN_WANT_GRADIENT && s->v->d->chunks ? cn__extra(s, s->l.gradient) + r * params : s->w->gtheta;
        cn__sample_norms(node, io, 0, params, 1, delta, g, norm2);
        /* the norms of a dense layer do not make it, others leave it */
        if (want & CN_WANT_GRADIENT && cn__plain_dense(node)) cn__sample_gradient(node, io, 1, delta, g);
    }
}

/* fresh: the first item of this chunk. Returns a status. */
static int cn__visit_item(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane, cn__visitor *v, size_t i,
                          int fresh) {
    const cn_net *net = p->ask.p->net;
    unsigned want = v->d->want;
    size_t r, step = v->d->chunks ? c->n : 1;
    cn_real *gx = want & CN_WANT_X_JACOBIAN ? w->gx : NULL;
    int status;
    cn__sight s;
    cn_view view;
    memset(&s, 0, sizeof s);
    s.p = p;
    s.c = c;
    s.w = w;
    s.v = v;
    s.node = i == CN__NETWORK ? NULL : net->node + i;
    s.l = cn__view_layout(net, s.node, v->d);
    if (s.node) s.io = cn__io(p, c, w, &p->route, i);
    if ((want & CN_WANT_X_GRADIENT) && fresh) cn__see_x_gradient(&s);
    if ((want & CN_WANT_TANGENT) && s.node && cn__see_tangent(&s, i)) return CN_CANCELLED;
    if ((want & CN_WANT_Z_HESSIAN) && s.node) cn__see_z_hessian(&s, i);
    /* one pass serves all items, where nothing else writes signals */
    if ((want & (CN__WANT_JACOBIANS | CN_WANT_X_JACOBIAN)) && (fresh || (want & CN__WANT_SECOND)))
        cn__unit_signals(&s, gx);
    if ((want & CN_WANT_Z_FACTOR) && s.node) cn__see_z_factor(&s, i);
    if ((want & CN_WANT_A_JACOBIAN) && s.node) {
        cn__route route = p->route;
        cn_io back;
        route.k = net->outputs;
        back = cn__io(p, c, w, &route, i);
        back.gy = w->gy_t + cn__offset(p, route.k, i);
        back.gx = cn__extra(&s, s.l.a_jacobian);
        s.node->row->backward(&back);
    }
    for (r = 0; r < c->n; r++) {
        cn_io io = s.io;
        if (s.node) {
            io.x += r * s.node->in;
            io.y += r * s.node->out;
            io.saved += r * s.node->item.saved;
            io.sample += r;
            cn__see_sample(&s, i, r, io);
        }
        if (step > 1 && r + 1 < c->n) continue;
        view = cn__view(&s, want, r + 1 - step, step);
        status = v->add                     ? v->add(v->user, &view, lane->sum, w->numbers + 4 * p->geo.chunk)
                 : v->visit(v->user, &view) ? CN_CANCELLED
                                            : CN_OK;
        if (status) return status;
    }
    return CN_OK;
}

static void cn__chunk_visit(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    cn__visitor *v = (cn__visitor *)p->ask.user;
    const cn_net *net = p->ask.p->net;
    size_t i;
    int fresh = 1;
    if (p->ask.needs & CN__LOSSES) cn__losses(p, c, 0, 1); /* a cache holds only their gradients */
    if (v->item == CN__NETWORK) lane->status = cn__visit_item(p, c, w, lane, v, CN__NETWORK, 1);
    for (i = 0; i < net->count && v->item != CN__NETWORK && !lane->status; i++) {
        if (v->item == CN__INVALID ? !net->node[i].has_affine : i != v->item) continue;
        lane->status = cn__visit_item(p, c, w, lane, v, i, fresh);
        fresh = 0;
    }
}

static int cn__check_visit(cn_ctx *c, const cn_problem *p, cn__visitor *v) {
    const cn_net *net = p->net;
    const char *item = v->d->item;
    unsigned want = v->d->want, labelled = CN__WANT_DELTAS | CN_WANT_X_GRADIENT;
    size_t i;
    if ((!v->visit && !v->add) || (want & ~(unsigned)(CN_WANT_PATCHES * 2 - 1)))
        return cn__fail(c, CN_E_ARGUMENT,
                        v->visit || v->add ? "visit: unknown bits in want" : "visit: the callback is missing");
    v->item = CN__INVALID;
    if (item && !*item) v->item = CN__NETWORK;
    for (i = 0; item && *item && i < net->count; i++)
        if (net->node[i].has_affine && cn__same(net->node[i].name, item)) v->item = i;
    if (item && *item && v->item == CN__INVALID)
        return cn__fail(c, CN_E_ARGUMENT, "visit: '%s' is no dense, conv or batchnorm item", item);
    if (v->item == CN__NETWORK && (want & ~(unsigned)CN__WANT_NETWORK))
        return cn__fail(c, CN_E_ARGUMENT, "visit: of the network as a whole there are only derivatives by x");
    if ((want & CN_WANT_TANGENT) && !v->d->inject)
        return cn__fail(c, CN_E_ARGUMENT, "visit: a tangent is wanted and inject is missing");
    if ((want & CN_WANT_Z_FACTOR) && !p->loss.factor)
        return cn__fail(c, CN_E_UNSUITED, "visit: the loss has no factor");
    /* without labels there are Lambda's rows where they do not depend on them */
    if (!p->loss.canonical) labelled |= CN_WANT_Z_FACTOR;
    return want & labelled ? cn__check_labelled(c, p, "visit") : CN_OK;
}

static int cn__visit(cn__ws *w, cn_point *at, cn__visitor *v) {
    cn__pass p;
    const cn_net *net = at->p->net;
    size_t i;
    unsigned want = v->d->want;
    int status = cn__check_visit(w->ctx, at->p, v);
    if (status) return status;
    cn__start(&p, at->p, at, NULL, cn__chunk_visit);
    p.ask.user = v;
    p.ask.every = v->item >= CN__NETWORK || (want & CN__WANT_NETWORK);
    if (!p.ask.every) p.ask.from = v->item;
    p.ask.in_order = v->visit != NULL;
    p.ask.needs = at->p->data.y.data ? CN__LOSSES : 0;
    if (want & CN__WANT_DELTAS) p.ask.needs |= CN__DELTAS;
    if (want & (CN__WANT_SECOND | CN_WANT_Z_FACTOR)) p.ask.needs |= CN__TANGENTS;
    if (want & (CN__WANT_JACOBIANS | CN__WANT_SECOND | CN__WANT_NETWORK)) p.ask.needs |= CN__SIGNALS;
    if (want & CN_WANT_X_JACOBIAN) p.ask.needs |= CN__X_SIGNALS;
    p.ask.starts = (want & CN__WANT_SECOND) != 0;
    if (want & CN_WANT_TANGENT) p.ask.k = CN__MAX(v->d->tangents, 1);
    if (want & CN_WANT_Z_HESSIAN) p.ask.k = CN__MAX(p.ask.k, CN__GROUP);
    if (want & (CN__WANT_JACOBIANS | CN_WANT_X_JACOBIAN)) p.ask.k = CN__MAX(p.ask.k, net->outputs);
    for (i = 0; i < net->count; i++)
        if (net->node[i].has_affine && (v->item == CN__INVALID || i == v->item))
            p.ask.extra = CN__MAX(p.ask.extra, cn__view_layout(net, net->node + i, v->d).total);
    if (v->item == CN__NETWORK) p.ask.extra = cn__view_layout(net, NULL, v->d).total;
    if (want & CN_WANT_Z_FACTOR) p.ask.pack_wide = net->widest;
    p.ask.doubles = cn__plus(4, v->room);
    p.ask.room = want & (CN_WANT_GRADIENT | CN_WANT_NORM | CN_WANT_JACOBIAN_NORM) ? net->widest_params : 0;
    p.ask.sums = v->sums;
    p.ask.values = v->values;
    p.ask.scale = 1 / (double)at->p->n;
    return cn__run_pass(w, &p);
}

/* A visit of the network as a whole that adds up over lanes, chunk by chunk; room and sums are the caller's to set. */
static void cn__start_visit(cn__visitor *v, cn_visit_desc *d, unsigned want,
                            int (*add)(void *user, const cn_view *v, double *sum, double *room), void *user) {
    memset(v, 0, sizeof *v);
    memset(d, 0, sizeof *d);
    d->want = want;
    d->item = "";
    d->chunks = 1;
    v->d = d;
    v->add = add;
    v->user = user;
}

CN_API int cn_visit(cn_point *at, const cn_visit_desc *d, int (*visit)(void *user, const cn_view *view), void *user) {
    cn__ws w;
    cn__visitor v;
    cn_visit_desc zero;
    int status;
    if (!at) return CN_E_ARGUMENT;
    memset(&zero, 0, sizeof zero);
    memset(&v, 0, sizeof v);
    v.d = d ? d : &zero;
    v.visit = visit;
    v.user = user;
    CN__CALL(w, at->ctx, status, cn__visit(&w, at, &v));
    return status;
}

/* ---- Gram matrices. One layer at a time: rows of a dense layer are delta x a, so that their products are
   (delta.delta')(a.a' + 1); those of other layers are stored, some columns at a time */

#ifndef CN__STRIP_BYTES /* what is stored at a time, unless one column takes more; tests set it lower */
#define CN__STRIP_BYTES ((size_t)1 << 28)
#endif

typedef struct cn__gram_side {
    cn_point *at;
    size_t rows; /* samples times rows a sample */
    cn_real *a, *delta;
    cn__rows_to to;
} cn__gram_side;

/* collects a layer's activities and signals, or columns of its rows */
static void cn__chunk_gram(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    cn__gram_side *g = (cn__gram_side *)p->ask.user;
    size_t i = p->ask.from, K = p->ask.k;
    const cn__node *node = p->ask.p->net->node + i;
    (void)lane;
    cn__row_passes(p, c, w);
    if (g->to.out) {
        cn__rows_to rows = g->to;
        rows.first = c->first;
        cn__node_gradients(p, c, w, i, K, w->gy_t, cn__use_row, &rows);
        return;
    }
    memcpy(g->a + c->first * node->in, cn__source(p, c, node->from), c->n * node->in * sizeof *g->a);
    memcpy(g->delta + c->first * K * node->out, w->gy_t + cn__offset(p, K, i), c->n * K * node->out * sizeof *g->delta);
}

static int cn__gram_collect(cn__ws *w, cn__gram_side *g, const cn__kind *kind, size_t node) {
    cn__pass p;
    cn__start(&p, g->at->p, g->at, NULL, cn__chunk_gram);
    p.ask.user = g;
    p.ask.kind = kind;
    p.ask.k = cn__rows_a_sample(g->at->p->net, kind);
    p.ask.needs = kind->needs | CN__SIGNALS;
    p.ask.from = node;
    p.ask.room = g->at->p->net->widest_params;
    return cn__run_pass(w, &p);
}

/* out [left][right] += of one layer: stored columns, or delta and a. */
static void cn__gram_add(int isa, const cn__node *node, size_t K, const cn__gram_side *left, const cn__gram_side *right,
                         cn__part part, cn_real *deltas, cn_real *as, cn_real *pack, double *out) {
    size_t N = right->rows, n = N / K, wide = left->to.block.count, r, m, j, q, first, samples;
    for (r = 0; r < left->rows; r += m) { /* a strip of rows of the Gram matrix */
        m = CN__MIN(left->rows - r, (size_t)64);
        if (left->to.out) {
            cn__gemm(isa, m, N, wide, 1, left->to.out + r * wide, wide, 1, right->to.out, 1, wide, 0, deltas, N, 1,
                     pack);
            for (j = 0; j < m * N; j++) out[r * N + j] += (double)deltas[j];
            continue;
        }
        cn__gemm(isa, m, N, node->out, 1, left->delta + r * node->out, node->out, 1, right->delta, 1, node->out, 0,
                 deltas, N, 1, pack);
        first = r / K;
        samples = (r + m - 1) / K + 1 - first;
        if (part.from < cn__weights(node))
            cn__gemm(isa, samples, n, node->in, 1, left->a + first * node->in, node->in, 1, right->a, 1, node->in, 0,
                     as, n, 1, pack);
        for (q = 0; q < m; q++) {
            const cn_real *dot = as + ((r + q) / K - first) * n;
            for (j = 0; j < N; j++)
                out[(r + q) * N + j] +=
                    (double)deltas[q * N + j] *
                    ((part.from < cn__weights(node) ? (double)dot[j / K] : 0) + (part.to > cn__weights(node)));
        }
    }
}

static void cn__centre(size_t rows, size_t columns, double *gram) /* of rows less their mean, on either side */
{
    size_t i, j;
    double mean;
    for (i = 0; i < rows; i++) {
        for (mean = 0, j = 0; j < columns; j++) mean += gram[i * columns + j] / (double)columns;
        for (j = 0; j < columns; j++) gram[i * columns + j] -= mean;
    }
    for (j = 0; j < columns; j++) {
        for (mean = 0, i = 0; i < rows; i++) mean += gram[i * columns + j] / (double)rows;
        for (i = 0; i < rows; i++) gram[i * columns + j] -= mean;
    }
}

/* One layer's part of the matrix: the columns of the block in it. */
static int cn__gram_layer(cn__ws *w, cn__gram_side *left, cn__gram_side *right, const cn__kind *kind, size_t number,
                          cn_block block, double *out) {
    const cn_net *net = left->at->p->net;
    const cn__node *node = net->node + number;
    size_t K = cn__rows_a_sample(net, kind), all = left->rows + (right == left ? 0 : right->rows), end, mark, most,
           strip = CN__MIN(left->rows, 64), deepest;
    int status = CN_OK, plain = cn__plain_dense(node);
    cn_real *deltas, *as, *pack;
    cn__part part = cn__part_in(node, block);
    cn__gram_side *side;
    most = CN__MAX(CN__STRIP_BYTES / sizeof(cn_real) / all, 1);
    most = plain ? part.to - part.from : CN__MIN(most, part.to - part.from);
    for (side = left;; side = right) {
        side->a = side->delta = side->to.out = NULL;
        if (plain) {
            side->a = CN__TAKE(w, cn_real, cn__times(side->at->p->n, node->in));
            side->delta = CN__TAKE(w, cn_real, cn__times(side->rows, node->out));
        } else
            side->to.out = CN__TAKE(w, cn_real, cn__times(side->rows, most));
        if (side == right) break;
    }
    deltas = CN__TAKE(w, cn_real, cn__times(strip, right->rows));
    as = plain ? CN__TAKE(w, cn_real, cn__times(strip + 1, right->at->p->n)) : NULL;
    deepest = CN__MAX(CN__MAX(node->in, node->out), most);
    pack = CN__TAKE(w, cn_real, cn__gemm_pack(strip + 1, right->rows, deepest));
    mark = w->at;
    for (end = part.from; end < part.to && status == CN_OK;) {
        for (side = left;; side = right) {
            side->to.block.first = node->theta + end;
            side->to.block.count = CN__MIN(most, part.to - end);
            side->to.sample = K;
            side->to.signal = 1;
            w->at = mark;
            status = cn__gram_collect(w, side, kind, number);
            if (side == right || status) break;
        }
        w->at = mark;
        if (status || !w->base) return status;
        end += left->to.block.count;
        cn__gram_add(cn__isa(w->ctx), node, K, left, right, part, deltas, as, pack, out);
    }
    return status;
}

static int cn__gram(cn__ws *w, cn_point *at, cn_point *other, const cn__kind *kind, cn_block block, double *out) {
    const cn_net *net = at->p->net;
    cn__gram_side left, right;
    size_t i, mark = w->at, K = cn__rows_a_sample(net, kind);
    int status = CN_OK;
    memset(&left, 0, sizeof left);
    memset(&right, 0, sizeof right);
    left.at = at;
    right.at = other;
    left.rows = cn__times(at->p->n, K);
    right.rows = cn__times(other->p->n, K);
    if (!cn__norm_parts(net, block))
        return cn__fail(w->ctx, CN_E_ARGUMENT, "gram: the block must be one part of a layer, or whole layers");
    if (cn__overflows(left.rows, right.rows) || cn__overflows(left.rows * right.rows, sizeof(double)))
        return cn__fail(w->ctx, CN_E_SIZE, "gram: %z x %z overflows", left.rows, right.rows);
    if (w->base) memset(out, 0, left.rows * right.rows * sizeof *out);
    for (i = 0; i < net->count && status == CN_OK; i++, w->at = mark) {
        const cn__node *node = net->node + i;
        if (!node->item.params || node->theta + node->item.params <= block.first ||
            node->theta >= block.first + block.count)
            continue;
        status = cn__gram_layer(w, &left, at == other ? &left : &right, kind, i, block, out);
    }
    if (status == CN_OK && w->base && kind->centred) cn__centre(left.rows, right.rows, out);
    return status;
}

static int cn__gram_call(cn__ws *w, cn_point *at, cn_point *other, int kind, cn_block block, double *out) {
    const cn_net *net = at->p->net;
    size_t i;
    int status = cn__resolve(w->ctx, net, &block);
    if (status) return status;
    if (!out) return cn__fail(w->ctx, CN_E_ARGUMENT, "gram: out is missing");
    if (other->p->net != net) return cn__fail(w->ctx, CN_E_ARGUMENT, "gram: the two points have different networks");
    if (kind < 0 || kind >= CN_OP_COUNT || !cn__has_rows(at->p, cn__kinds + kind) ||
        !cn__has_rows(other->p, cn__kinds + kind))
        return cn__fail(w->ctx, CN_E_ARGUMENT, "gram: an operator of kind %d has no rows for this loss", kind);
    if ((status = cn__check_kind_labels(w->ctx, at->p, cn__kinds + kind)) != CN_OK ||
        (status = cn__check_kind_labels(w->ctx, other->p, cn__kinds + kind)) != CN_OK)
        return status;
    status = cn__gram(w, at, other, cn__kinds + kind, block, out);
    i = cn__rows_a_sample(net, cn__kinds + kind);
    return cn__written_doubles(w, "gram", status, at->p->n * i * other->p->n * i, out);
}

CN_API int cn_gram(cn_point *at, cn_point *other, int kind, cn_block block, double *out) {
    CN__DO(at, cn__gram_call(&w, at, other ? other : at, kind, block, out));
}

/* y [k][count] = R'u of those rows R, u [k][n * rows of a sample] */
static void cn__chunk_spread(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    size_t K = p->ask.p->net->outputs, R = cn__rows_a_sample(p->ask.p->net, p->ask.kind), N = p->geo.n * R, i, j, r, a;
    cn_real *out = cn__output_signals(p, w, p->ask.k), *g = cn__gtheta(p, w), *rows = w->extra;
    for (i = 0; i < c->n; i++) {
        cn__sample s = cn__sample_of(p, c, i);
        p->ask.kind->rows(&s, rows);
        for (j = 0; j < p->ask.k; j++, out += K)
            for (a = 0; a < K; a++) {
                const cn_real *u = p->ask.u + j * N + (c->first + i) * R;
                double sum = 0;
                for (r = 0; r < R; r++) sum += (double)rows[r * K + a] * (double)u[r];
                out[a] = (cn_real)sum;
            }
    }
    cn__reverse(p, c, w, &p->route, w->gy_t, g, NULL, 0);
    cn__add_gtheta(p, lane, g);
}

static int cn__spread(cn__ws *w, cn_point *at, const cn__kind *kind, cn_block block, size_t k, const cn_real *u,
                      cn_real *y) {
    cn__pass p;
    cn__start_block(&p, at, kind, block, cn__chunk_spread);
    p.ask.k = k;
    p.ask.u = u;
    p.ask.scale = 1;
    p.ask.extra = at->p->net->outputs * at->p->net->outputs;
    return cn__run_pass_block(w, &p, y);
}

/* ---- diagonals: the trace is their sum */

/* Adds D' a^2 of a dense layer, D [n][out], and sums of D for the bias, to the diagonal of the block. */
static void cn__add_dense_diagonal(const cn__pass *p, const cn__chunk *c, cn__work *w, size_t number, const cn_real *d,
                                   double *sum) {
    const cn__node *node = p->ask.p->net->node + number;
    const cn_real *a = cn__source(p, c, node->from);
    cn__part part = cn__part_in(node, p->ask.block);
    size_t in = node->in, out = node->out, i, r;
    cn_real *squares = w->scratch;
    for (i = 0; i < c->n * in; i++) squares[i] = a[i] * a[i];
    cn__gemm(p->geo.isa, out, in, c->n, 1, d, 1, out, squares, in, 1, 0, w->gtheta, in, 1, w->pack);
    if (node->affine.bias)
        for (i = 0; i < out; i++)
            for (w->gtheta[out * in + i] = 0, r = 0; r < c->n; r++) w->gtheta[out * in + i] += d[r * out + i];
    for (i = part.from; i < part.to; i++) sum[part.at + i - part.from] += (double)w->gtheta[i];
}

/* Of H: D is the diagonal of B, its Hessian by z. */
static void cn__chunk_diagonal_h(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    const cn_net *net = p->ask.p->net;
    size_t i, r, j, first, k;
    for (i = 0; i < net->count; i++) {
        size_t out = net->node[i].out;
        if (cn__span_offset(&p->route, net->node + i) == CN__INVALID) continue;
        for (first = 0; first < out; first += k) {
            const cn_real *rows;
            k = CN__MIN(out - first, CN__GROUP);
            rows = cn__z_hessian_rows(p, c, w, i, first, k);
            for (r = 0; r < c->n; r++)
                for (j = 0; j < k; j++) w->extra[r * out + first + j] = rows[(r * k + j) * out + first + j];
        }
        cn__add_dense_diagonal(p, c, w, i, w->extra, lane->sum);
    }
}

typedef struct cn__diagonal_sum {
    double *sum;
    cn_block block;
} cn__diagonal_sum;

static void cn__use_squares(void *user, const cn__node *node, size_t i, size_t j, const cn_real *g) {
    cn__diagonal_sum *d = (cn__diagonal_sum *)user;
    cn__part part = cn__part_in(node, d->block);
    double *sum = d->sum + part.at;
    (void)i;
    (void)j;
    for (; part.from < part.to; part.from++) *sum++ += (double)g[part.from] * (double)g[part.from];
}

/* Of a sum of squares of rows: D is the sum over a sample's signals of delta^2. */
static void cn__chunk_diagonal(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    const cn_net *net = p->ask.p->net;
    size_t i, r, j, a, k = p->ask.k;
    cn__diagonal_sum d;
    d.sum = lane->sum;
    d.block = p->ask.block;
    cn__row_passes(p, c, w);
    for (i = 0; i < net->count; i++) {
        const cn_real *signal = w->gy_t + cn__offset(p, k, i);
        size_t out = net->node[i].out;
        if (cn__span_offset(&p->route, net->node + i) == CN__INVALID) continue;
        if (!cn__plain_dense(net->node + i)) {
            cn__node_gradients(p, c, w, i, k, w->gy_t, cn__use_squares, &d);
            continue;
        }
        memset(w->extra, 0, c->n * out * sizeof *w->extra);
        for (r = 0; r < c->n; r++)
            for (j = 0; j < k; j++, signal += out)
                for (a = 0; a < out; a++) w->extra[r * out + a] += signal[a] * signal[a];
        cn__add_dense_diagonal(p, c, w, i, w->extra, lane->sum);
    }
}

static int cn__diagonal_of(cn__ws *w, cn_point *at, const cn__kind *kind, cn_block block, cn_real *out) {
    cn__pass p;
    size_t mark = w->at, i;
    int status;
    cn__start_rows(&p, at, kind, block, kind->second ? cn__chunk_diagonal_h : cn__chunk_diagonal);
    p.ask.sums = block.count;
    p.ask.values = CN__TAKE(w, double, block.count);
    p.ask.extra = at->p->net->widest;
    if (kind->second) {
        p.ask.needs |= CN__TANGENTS;
        p.ask.starts = 1;
        p.ask.k = CN__GROUP;
    }
    status = cn__run_pass(w, &p);
    for (i = 0; status == CN_OK && w->base && i < block.count; i++) out[i] = (cn_real)p.ask.values[i];
    w->at = mark;
    return status;
}

/* ---- dense matrices */

/* Rows as for the diagonal, stored [k][n][count]; adds rows'rows to the lower triangle of out, a strip of it at a
   time. */
static void cn__chunk_squares(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    size_t i, j, m, k = p->ask.k, P = p->ask.block.count, strip = p->ask.p->net->gemm_wide;
    cn__rows_to rows;
    (void)lane;
    rows.out = w->extra;
    rows.block = p->ask.block;
    rows.first = 0;
    rows.sample = 1;
    rows.signal = c->n;
    cn__row_passes(p, c, w);
    cn__all_gradients(p, c, w, k, w->gy_t, cn__use_row, &rows);
    for (i = 0; i < P; i += m) {
        m = CN__MIN(P - i, strip);
        for (j = 0; j < k; j++)
            cn__gemm(p->geo.isa, m, i + m, c->n, (cn_real)p->ask.scale, w->extra + j * c->n * P + i, 1, P,
                     w->extra + j * c->n * P, P, 1, 1, p->ask.out + i * P, P, 1, w->pack);
    }
}

/* out [count][count], a sum of squares of rows */
static int cn__squares(cn__ws *w, cn_point *at, const cn__kind *kind, cn_block block, cn_real *out) {
    cn__pass p;
    size_t P = block.count, i, j;
    int status;
    cn__start_rows(&p, at, kind, block, cn__chunk_squares);
    p.ask.out = out;
    p.ask.in_order = 1;
    p.ask.extra = p.ask.k * P;
    p.ask.pack_wide = P;
    if (w->base) memset(out, 0, P * P * sizeof *out);
    if ((status = cn__run_pass(w, &p)) != CN_OK || !w->base) return status;
    for (i = 0; i < P; i++)
        for (j = 0; j < i; j++) out[j * P + i] = out[i * P + j];
    return CN_OK;
}

/* The Hessian matrix of one dense layer's whole weight, mean of B_i x a_i a_i', from a group of rows of the B_i at a
   time. */
static void cn__chunk_block_hessian(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    size_t i = p->ask.from;
    const cn__node *node = p->ask.p->net->node + i;
    const cn_real *a = cn__source(p, c, node->from), *b;
    size_t out = node->out, first, k, j, n, t;
    cn_real *x, scale = (cn_real)p->ask.scale;
    (void)lane;
    for (first = 0; first < out; first += k) {
        k = CN__MIN(out - first, CN__GROUP);
        b = cn__z_hessian_rows(p, c, w, i, first, k);
        for (x = w->extra, n = 0; n < c->n; n++)
            for (j = 0; j < k; j++, b += out)
                for (t = 0; t <= first + j; t++) *x++ = scale * b[t];
        cn__kronecker_add((const cn__kronecker *)p->ask.user, c->n, cn__vech(first),
                          cn__vech(first + k) - cn__vech(first), w->extra, a);
    }
}

/* The same for conv: sum over samples and positions p, q of B_(r,p),(s,q) a_p a_q'. For every row (r, p) of B first
   over q, then over p. */
static void cn__chunk_block_hessian_conv(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    size_t i = p->ask.from;
    const cn__node *node = p->ask.p->net->node + i;
    size_t P = node->affine.positions, rows = node->affine.rows, cols = node->affine.cols, W = rows * cols;
    size_t out = node->out, r, at, k, j, n;
    cn_real *patches = w->extra, *u = patches + c->n * cols * P;
    cn_io io = cn__io(p, c, w, &p->route, i);
    (void)lane;
    for (n = 0; n < c->n; n++, cn__next_sample(node, &io)) node->row->unfold(&io, io.x, patches + n * cols * P);
    for (r = 0; r < rows; r++)
        for (at = 0; at < P; at += k) {
            const cn_real *b;
            k = CN__MIN(P - at, (size_t)CN__GROUP);
            b = cn__z_hessian_rows(p, c, w, i, r * P + at, k);
            for (n = 0; n < c->n; n++, b += k * out) {
                const cn_real *a = patches + n * cols * P;
                for (j = 0; j < k; j++)
                    cn__gemm(p->geo.isa, rows, cols, P, 1, b + j * out, P, 1, a, 1, P, 0, u + j * W, cols, 1, w->pack);
                cn__gemm(p->geo.isa, cols, W, k, (cn_real)p->ask.scale, a + at, P, 1, u, W, 1, 1,
                         p->ask.out + r * cols * W, W, 1, w->pack);
            }
        }
}

static int cn__block_hessian(cn__ws *w, cn_point *at, size_t node, cn_real *out) {
    cn__pass p;
    const cn__node *layer = at->p->net->node + node;
    size_t P = layer->affine.rows * layer->affine.cols;
    int status, plain = cn__plain_dense(layer);
    cn__kronecker sum;
    cn__start(&p, at->p, at, NULL, plain ? cn__chunk_block_hessian : cn__chunk_block_hessian_conv);
    p.ask.user = &sum;
    p.ask.out = out;
    p.ask.scale = 1 / (double)at->p->n;
    p.ask.needs = CN__LOSSES | CN__DELTAS | CN__TANGENTS | CN__SIGNALS;
    p.ask.starts = p.ask.in_order = 1;
    p.ask.from = node;
    p.ask.k = CN__GROUP;
    if (plain) {
        p.ask.extra = CN__GROUP * layer->out;
        sum = cn__kronecker_room(w, cn__isa(w->ctx), at->p->chunk, layer->out, layer->in, out);
    } else {
        p.ask.extra = layer->affine.cols * layer->affine.positions + CN__GROUP * P;
        p.ask.pack_wide = P;
        if (w->base) memset(out, 0, P * P * sizeof *out);
    }
    status = cn__run_pass(w, &p);
    if (status == CN_OK && w->base && plain) cn__kronecker_unpack(&sum);
    return status;
}

/* ---- an item's own linear map T: z = T a + b */

/* y [k][in] = T'T x */
static int cn__item_normal(cn__ws *w, cn_point *at, size_t number, size_t k, const cn_real *x, cn_real *y) {
    const cn_net *net = at->p->net;
    const cn__node *node = net->node + number;
    size_t wide = CN__MAX(net->gemm_wide, 1), rows = CN__MAX(k, wide);
    int isa = cn__isa(w->ctx);
    cn_io io;
    cn_real *a, *z, *scratch, *pack;
    a = CN__TAKE(w, cn_real, CN__MAX(node->in, node->out)); /* x of the layer, on which T does not depend */
    z = CN__TAKE(w, cn_real, cn__times(k, node->out));
    scratch = CN__TAKE(w, cn_real, CN__MAX(2 * CN__MAX(net->widest, 1), net->work));
    pack = CN__TAKE(w, cn_real, CN__MAX(cn__gemm_pack(rows, wide, wide), cn__gemm_pack(wide, wide, rows)));
    if (!w->base) return CN_OK;
    memset(a, 0, CN__MAX(node->in, node->out) * sizeof *a);
    memset(&io, 0, sizeof io);
    io.item = &node->item;
    io.n = 1;
    io.k = k;
    io.theta = at->theta + node->theta;
    io.state = at->theta + net->params + node->state;
    io.x = a;
    io.y = a;
    io.scratch = scratch;
    io.pack = pack;
    io.isa = isa;
    io.x_t = x;
    io.y_t = z;
    node->row->tangent(&io);
    io.x_t = NULL;
    io.gy = z;
    io.gx = y;
    node->row->backward(&io);
    return CN_OK;
}

/* ---- batch statistics anew */

static void cn__chunk_nothing(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    (void)p;
    (void)c;
    (void)w;
    (void)lane;
}

static int cn__recalibrate(cn__ws *w, cn_problem *q, cn_real *theta, size_t size) {
    const cn_net *net = q->net;
    cn__pass p;
    cn_batch b;
    uint32_t *index;
    cn_real *one;
    double *sum;
    size_t k, first = 0, i, mark;
    int status;
    if (!theta) return cn__fail(w->ctx, CN_E_ARGUMENT, "recalibrate: theta is missing");
    if ((uint64_t)q->n >> 32)
        return cn__fail(w->ctx, CN_E_SIZE, "recalibrate: %z samples; batches index with 32 bits", q->n);
    size = CN__MIN(size ? size : 128, q->n);
    if ((status = cn__check_alone(w->ctx, q->net, size)) != CN_OK) return status;
    index = CN__TAKE(w, uint32_t, cn__largest_batch(q, size));
    one = CN__TAKE(w, cn_real, net->state);
    sum = CN__TAKE(w, double, net->state);
    mark = w->at;
    memset(&b, 0, sizeof b);
    b.index = index ? index : (uint32_t *)(void *)w; /* while measuring only "there is one" */
    b.train = 1;
    if (w->base) memset(sum, 0, net->state * sizeof *sum);
    for (k = 0; net->state && first < q->n; first += b.n, k++) {
        b.n = w->base ? cn__batch_size(q, size, k) : cn__largest_batch(q, size);
        for (i = 0; w->base && i < b.n; i++) index[i] = (uint32_t)(first + i);
        cn__start(&p, q, NULL, theta, cn__chunk_nothing);
        p.ask.batch = &b;
        p.ask.new_state = one;
        w->at = mark;
        if ((status = cn__run_pass(w, &p)) != CN_OK || !w->base) return status;
        for (i = 0; i < net->state; i++) sum[i] += (double)b.n * (double)one[i];
    }
    for (i = 0; w->base && i < net->state; i++) {
        sum[i] /= (double)q->n;
        if (!cn__finite((double)(cn_real)sum[i]))
            return cn__fail(w->ctx, CN_E_NUMERIC, "recalibrate: running statistic %z is not finite", i);
    }
    for (i = 0; w->base && i < net->state; i++) theta[net->params + i] = (cn_real)sum[i];
    return CN_OK;
}

CN_API int cn_recalibrate(cn_problem *p, cn_real *theta, size_t batch) {
    CN__DO(p, cn__recalibrate(&w, p, theta, batch));
}
#endif /* FLOOR 9 */

/* ==== FLOOR 10: optimisers: ask where, tell the gradient ========================================================== */
#if CN_FLOOR_MAX >= 10

struct cn_opt {
    cn_ctx *ctx;
    cn_opt_desc d;
    size_t params, size;                    /* size = params + state */
    cn_real *velocity, *away, *sum, *noise; /* away: the perturbed theta */
    cn_real *tail;                          /* of the first gradient of a step that has more */
    cn_real *theta;                         /* the caller's, between ask and the end of the step */
    uint64_t step;
    size_t asked, asks;
    int waiting; /* gradients told in this step, of how many; waiting for tell */
};

static int cn__check_lr(cn_ctx *c, double lr) {
    if (lr >= 0 && cn__finite(lr)) return CN_OK;
    return cn__fail(c, CN_E_ARGUMENT, "optimiser: lr is %g; it must be finite and not negative", lr);
}

static int cn__opt_layout(cn__ws *w, size_t params, size_t state, const cn_opt_desc *d, cn_opt **out) {
    cn_ctx *c = w->ctx;
    cn_opt *o;
    int rule = d->rule, status;
    size_t k = d->k ? d->k : 1;
    if ((status = cn__check_lr(c, d->lr)) != CN_OK) return status;
    if (!cn__finite(d->weight_decay) || !cn__finite(d->rho) || !cn__finite(d->sigma))
        return cn__fail(c, CN_E_ARGUMENT, "optimiser: weight_decay %g, rho %g and sigma %g must be finite",
                        d->weight_decay, d->rho, d->sigma);
    if (!cn__within(d->momentum, 0, 1))
        return cn__fail(c, CN_E_ARGUMENT, "optimiser: momentum %g is not in [0, 1)", d->momentum);
    if (!(d->weight_decay >= 0) || !(d->rho >= 0) || !(d->sigma >= 0))
        return cn__fail(c, CN_E_ARGUMENT, "optimiser: weight_decay %g, rho %g and sigma %g must not be negative",
                        d->weight_decay, d->rho, d->sigma);
    if (rule < CN_RULE_PLAIN || rule > CN_RULE_NSO)
        return cn__fail(c, CN_E_ARGUMENT, "optimiser: %d is not a rule", rule);
    if (d->noise < 0 || d->noise > CN_NOISE_SIGN)
        return cn__fail(c, CN_E_ARGUMENT, "optimiser: %d is not a kind of noise", d->noise);
    if (k > 65535) return cn__fail(c, CN_E_SIZE, "optimiser: k is %z; at most 65535 pairs", k);
    if (cn__plus(params, state) > (size_t)-1 / 64)
        return cn__fail(c, CN_E_SIZE, "optimiser: the size of %z parameters and %z statistics overflows", params,
                        state);
    /* no perturbation: the plain step, one gradient */
    if ((rule == CN_RULE_SAM && d->rho == 0) || (rule == CN_RULE_NSO && d->sigma == 0)) rule = CN_RULE_PLAIN;
    o = CN__TAKE(w, cn_opt, 1);
    if (w->base) {
        memset(o, 0, sizeof *o);
        o->ctx = c;
        o->d = *d;
        o->d.rule = rule;
        o->params = params;
        o->size = params + state;
        o->asks = rule == CN_RULE_SAM ? 2 : rule == CN_RULE_NSO ? 2 * k : 1;
    }
    {
        cn_real *velocity = d->momentum > 0 ? CN__TAKE(w, cn_real, params) : NULL,
                *away = rule != CN_RULE_PLAIN ? CN__TAKE(w, cn_real, params + state) : NULL;
        cn_real *sum = rule == CN_RULE_NSO ? CN__TAKE(w, cn_real, params) : NULL,
                *noise = rule == CN_RULE_NSO ? CN__TAKE(w, cn_real, params) : NULL,
                *tail = rule != CN_RULE_PLAIN ? CN__TAKE(w, cn_real, state) : NULL;
        if (!w->base) return CN_OK;
        if (velocity) memset(velocity, 0, params * sizeof *velocity);
        o->velocity = velocity;
        o->away = away;
        o->sum = sum;
        o->noise = noise;
        o->tail = tail;
    }
    *out = o;
    return CN_OK;
}

CN_API cn_opt *cn_opt_create(cn_ctx *c, size_t params, size_t state, const cn_opt_desc *d) {
    cn__ws w;
    cn_opt *o, *same;
    cn_opt_desc zero;
    memset(&zero, 0, sizeof zero);
    CN__CREATE(w, c, cn_opt, o, cn__opt_layout(&w, params, state, d ? d : &zero, &same));
    return o;
}

/* running = 0.9 running + 0.1 batch, as PyTorch; an all-zero tail is none */
static void cn__opt_statistics(cn_opt *o, const cn_real *tail) {
    size_t i, n = o->d.frozen ? 0 : o->size - o->params;
    int any = 0;
    for (i = 0; i < n; i++) any |= tail[i] != 0;
    for (i = 0; any && i < n; i++) o->theta[o->params + i] += (cn_real)0.1 * (tail[i] - o->theta[o->params + i]);
}

/* v = momentum v + g + decay theta; theta -= lr v */
static void cn__opt_update(cn_opt *o, const cn_real *g, double scale) {
    const cn_opt_desc *d = &o->d;
    size_t n = o->params;
    int isa = cn__isa(o->ctx);
    if (!o->velocity) {
        cn__axpby(isa, n, -d->lr * scale, g, 1 - d->lr * d->weight_decay, o->theta);
        return;
    }
    cn__axpby(isa, n, scale, g, d->momentum, o->velocity);
    if (d->weight_decay > 0) cn__axpby(isa, n, d->weight_decay, o->theta, 1, o->velocity);
    cn__axpby(isa, n, -d->lr, o->velocity, 1, o->theta);
}

/* Does an update by `scale` g stay finite? By norms: what is refused is beyond the range of reals or near its end. */
static int cn__opt_reaches(const cn_opt *o, const cn_real *g, double scale, const cn_real *tail) {
    size_t i, state = o->d.frozen ? 0 : o->size - o->params;
    int isa = cn__isa(o->ctx);
    double theta = cn__norm(isa, o->params, o->theta),
           v = scale * cn__norm(isa, o->params, g) + o->d.weight_decay * theta +
               (o->velocity ? o->d.momentum * cn__norm(isa, o->params, o->velocity) : 0);
    if (!cn__finite((double)(cn_real)v) || !cn__finite((double)(cn_real)(theta + o->d.lr * v))) return 0;
    for (i = 0; i < state; i++)
        if (!cn__finite((double)(tail[i] - o->theta[o->params + i]))) return 0;
    return 1;
}

CN_API const cn_real *cn_opt_ask(cn_opt *o, cn_real *theta) {
    size_t i;
    if (!o || cn__blocking(o->ctx->status)) return NULL;
    if (o->ctx->dry) {
        cn__fail(o->ctx, CN_DRY, "dry run: nothing is asked");
        return NULL;
    }
    if (!theta || o->waiting) {
        cn__fail(o->ctx, CN_E_ARGUMENT, theta ? "ask: the last ask still waits for its tell" : "ask: theta is missing");
        return NULL;
    }
    if (o->asked == o->asks) { /* the last tell has moved theta */
        cn_opt_reset(o);
        return NULL;
    }
    o->theta = theta;
    o->waiting = 1;
    if (o->d.rule == CN_RULE_PLAIN || (o->d.rule == CN_RULE_SAM && o->asked == 0)) return theta;
    if (o->d.rule == CN_RULE_NSO) { /* theta + U, then theta - U [NSO Alg. 1] */
        if (o->asked % 2 == 0)
            cn_random(o->d.seed, cn_stream(CN_FOR_NOISE, (o->step << 16) + o->asked / 2), 0, o->d.noise, o->d.sigma,
                      o->params, o->noise);
        for (i = 0; i < o->params; i++) o->away[i] = o->asked % 2 ? theta[i] - o->noise[i] : theta[i] + o->noise[i];
        for (i = o->params; i < o->size; i++) o->away[i] = theta[i];
    }
    return o->away;
}

CN_API int cn_opt_tell(cn_opt *o, const cn_real *gradient) {
    const cn_real *g, *tail;
    double scale = 1;
    size_t i;
    if (!o) return CN_E_ARGUMENT;
    if (cn__blocking(o->ctx->status)) return o->ctx->status;
    if (o->ctx->dry) return cn__fail(o->ctx, CN_DRY, "dry run: nothing is told");
    if (!gradient || !o->waiting)
        return cn__fail(o->ctx, CN_E_ARGUMENT, gradient ? "tell: nothing was asked" : "tell: the gradient is missing");
    cn__isa(o->ctx);
    if (cn__blocking(o->ctx->status)) return o->ctx->status;
    i = cn__first_not_finite(o->size, gradient);
    if (i < o->size) {
        cn_opt_reset(o);
        return cn__fail(o->ctx, CN_E_NUMERIC, "tell: gradient[%z] is not finite; theta is where the last step left it",
                        i);
    }
    o->waiting = 0;
    o->asked++;
    if (o->tail && o->asked == 1) memcpy(o->tail, gradient + o->params, (o->size - o->params) * sizeof *o->tail);
    /* theta + rho g/||g|| [SAM: Foret et al. 2021]; a zero gradient stays put */
    if (o->d.rule == CN_RULE_SAM && o->asked == 1) {
        double norm = cn__dot(cn__isa(o->ctx), o->params, gradient, gradient), step;
        step = norm > 0 ? o->d.rho / sqrt(norm) : 0;
        memcpy(o->away, o->theta, o->size * sizeof *o->away);
        cn__axpby(cn__isa(o->ctx), o->params, step, gradient, 1, o->away);
    }
    for (i = 0; o->d.rule == CN_RULE_NSO && i < o->params; i++)
        o->sum[i] = o->asked == 1 ? gradient[i] : o->sum[i] + gradient[i];
    if (o->asked < o->asks) return CN_OK;
    if (o->d.rule == CN_RULE_NSO) scale = 1 / (double)o->asks;
    g = o->d.rule == CN_RULE_NSO ? o->sum : gradient;
    tail = o->tail ? o->tail : gradient + o->params;
    if (!cn__opt_reaches(o, g, scale, tail)) {
        o->asked = 0;
        return cn__fail(o->ctx, CN_E_NUMERIC,
                        "tell: the step is too long for numbers; theta is where the last one left it");
    }
    cn__opt_statistics(o, tail);
    cn__opt_update(o, g, scale);
    return CN_OK;
}

CN_API void cn_opt_reset(cn_opt *o) {
    if (!o) return;
    o->step += o->asked == o->asks; /* nothing is left to give up of a step whose last gradient was told */
    o->asked = 0;
    o->waiting = 0;
}

static int cn__opt_step(cn__ws *w, cn_opt *o, cn_problem *p, cn_real *theta, const cn_batch *b, cn_real *gradient,
                        cn_eval *first) {
    const cn_real *at;
    cn_eval e;
    int status;
    if (!w->base) return cn__evaluate(w, p, theta, b, gradient, first);
    while ((at = cn_opt_ask(o, theta)) != NULL) {
        memset(&e, 0, sizeof e);
        status = cn__evaluate(w, p, at, b, gradient, &e);
        if (o->asked == 0) *first = e;
        if (status == CN_OK) status = cn_opt_tell(o, gradient);
        if (status) {
            cn_opt_reset(o);
            return status;
        }
    }
    return cn__blocking(w->ctx->status) ? w->ctx->status : cn__blocking(o->ctx->status) ? o->ctx->status : CN_OK;
}

static int cn__checked_step(cn__ws *w, cn_opt *o, cn_problem *p, cn_real *theta, const cn_batch *b, cn_eval *e) {
    cn_real *gradient;
    int status;
    if (!theta) return cn__fail(w->ctx, CN_E_ARGUMENT, "step: theta is missing");
    if (o->ctx->dry && !w->ctx->dry) return cn__fail(w->ctx, CN_DRY, "step: the optimiser's context is in a dry run");
    if (o->params != p->net->params || o->size != p->net->params + p->net->state)
        return cn__fail(w->ctx, CN_E_SHAPE, "step: the optimiser is for %z parameters; the network has %z", o->params,
                        p->net->params);
    if ((status = cn__check_batch(w->ctx, p, b)) != CN_OK) return status;
    gradient = CN__TAKE(w, cn_real, o->size);
    if (!w->base) gradient = theta; /* only to say that one is wanted */
    return cn__opt_step(w, o, p, theta, b, gradient, e);
}

CN_API cn_eval cn_opt_step(cn_opt *o, cn_problem *p, cn_real *theta, const cn_batch *b) {
    CN__RESULT(cn_eval, o ? p : NULL, cn__checked_step(&w, o, p, theta, b, &r));
}

static int cn__opt_lr(cn__ws *w, cn_opt *o, double lr) {
    int status = cn__check_lr(w->ctx, lr);
    if (status == CN_OK && w->base) o->d.lr = lr;
    return status;
}

CN_API int cn_opt_lr(cn_opt *o, double lr) { CN__DO(o, cn__opt_lr(&w, o, lr)); }

static int cn__opt_state(cn__ws *w, cn_opt *o, cn_opt_kept *kept) {
    if (o->waiting || o->asked)
        return cn__fail(w->ctx, CN_E_ARGUMENT,
                        "optimiser: its state is asked for within a step; finish the step first");
    if (!w->base) return CN_OK;
    kept->values = o->velocity;
    kept->count = o->velocity ? o->params : 0;
    kept->step = &o->step;
    return CN_OK;
}

CN_API cn_opt_kept cn_opt_state(cn_opt *o) { CN__RESULT(cn_opt_kept, o, cn__opt_state(&w, o, &r)); }

/* The loss where a cancelled training stands. If it is not finite, the cancel and its sentence stay all the same. */
static int cn__cancelled_loss(cn__ws *w, cn_problem *p, const cn_real *theta, cn_eval *e) {
    cn_ctx *c = w->ctx;
    char sentence[sizeof c->message];
    int status;
    memcpy(sentence, c->message, sizeof sentence);
    status = cn__evaluate(w, p, theta, NULL, NULL, e);
    if (status != CN_OK && status != CN_E_NUMERIC) return status;
    c->status = CN_CANCELLED;
    memcpy(c->message, sentence, sizeof sentence);
    return CN_CANCELLED;
}

static int cn__train(cn__ws *w, cn_problem *p, cn_real *theta, const cn_train_desc *d, cn_eval *e) {
    size_t epochs = d->epochs ? d->epochs : 1, size = CN__MIN(d->batch ? d->batch : 32, p->n), epoch, k, at, i, mark;
    cn_opt *o = NULL;
    cn_batch b;
    int status;
    uint32_t *index;
    cn_real *gradient;
    if (!theta) return cn__fail(w->ctx, CN_E_ARGUMENT, "train: theta is missing");
    if ((uint64_t)p->n >> 32) return cn__fail(w->ctx, CN_E_SIZE, "train: %z samples; batches index with 32 bits", p->n);
    if ((status = cn__check_alone(w->ctx, p->net, size)) != CN_OK) return status;
    if (d->opt.lr == 0) return cn__fail(w->ctx, CN_E_ARGUMENT, "train: lr is 0; nothing would move");
    if ((status = cn__opt_layout(w, p->net->params, p->net->state, &d->opt, &o)) != CN_OK) return status;
    index = CN__TAKE(w, uint32_t, p->n);
    gradient = CN__TAKE(w, cn_real, p->net->params + p->net->state);
    mark = w->at;
    memset(&b, 0, sizeof b);
    b.index = index;
    b.n = cn__largest_batch(p, size);
    b.train = 1;
    if (!w->base) {
        uint32_t some = 0;
        b.index = &some; /* only to say that batches gather */
        status = cn__evaluate(w, p, theta, &b, theta, e);
        w->at = mark;
        return status ? status : cn__evaluate(w, p, theta, NULL, NULL, e);
    }
    for (epoch = 0; epoch < epochs; epoch++) {
        for (i = 0; i < p->n; i++) index[i] = (uint32_t)i;
        cn_shuffle(d->seed, cn_stream(CN_FOR_SHUFFLE, epoch), p->n, index);
        for (at = k = 0; at < p->n; at += b.n, k++) {
            b.index = index + at;
            b.n = cn__batch_size(p, size, k);
            b.step++;
            if ((status = cn__opt_step(w, o, p, theta, &b, gradient, e)) != CN_OK) return status;
            status = cn__report(w->ctx, "training", (double)epoch + (double)(at + b.n) / (double)p->n, (double)epochs,
                                e->loss, 0);
            if (status) return cn__cancelled_loss(w, p, theta, e);
        }
    }
    return cn__evaluate(w, p, theta, NULL, NULL, e);
}

CN_API cn_eval cn_train(cn_problem *p, cn_real *theta, const cn_train_desc *d) {
    CN__ANSWER(cn_eval, cn_train_desc, p, cn__train(&w, p, theta, d ? d : &zero, &r));
}
#endif /* FLOOR 10 */

/* ==== FLOOR 11: operators of a point: H G F C S J K =============================================================== */
#if CN_FLOOR_MAX >= 11

/* What an operator of a point is made of. */
typedef struct cn__of {
    cn_point *at;
    const cn__kind *kind;
    cn_block block;
} cn__of;

/* An operator with its data, for the length of a call. */
typedef struct cn__op_here {
    cn_op op;
    cn__of of;
} cn__op_here;

static const cn__of *cn__of_op(const cn_op *a) { return (const cn__of *)a->data; }
static cn_point *cn__point_of(const cn_op *a) { return cn__of_op(a)->at; }
static const cn__kind *cn__kind_of(const cn_op *a) { return cn__of_op(a)->kind; }

/* The kind with the same diagonal: a piecewise linear network is linear in each parameter alone, so H has G's. */
static const cn__kind *cn__diagonal_kind(const cn_op *a) {
    const cn_problem *p = cn__point_of(a)->p;
    const cn__kind *kind = cn__kind_of(a);
    return kind->second && p->net->piecewise_linear && p->loss.factor ? cn__kinds + CN_OP_GAUSS_NEWTON : kind;
}

static int cn__of_run(cn__ws *w, cn_op *a, size_t k, const cn_real *x, cn_real *y) {
    return cn__product(w, cn__point_of(a), cn__kind_of(a), cn__of_op(a)->block, k, x, y);
}

static int cn__of_quadratic(cn__ws *w, cn_op *a, size_t k, const cn_real *x, double *out) {
    return cn__quadratic(w, cn__point_of(a), cn__kind_of(a), cn__of_op(a)->block, k, x, out);
}

static int cn__of_diagonal(cn__ws *w, cn_op *a, cn_real *out) {
    return cn__diagonal_of(w, cn__point_of(a), cn__diagonal_kind(a), cn__of_op(a)->block, out);
}

static int cn__of_trace(cn__ws *w, cn_op *a, double *out) /* by norms of rows */
{
    return cn__trace_norms(w, cn__point_of(a), cn__diagonal_kind(a), cn__of_op(a)->block, out);
}

static int cn__of_diagonal_sum(cn__ws *w, cn_op *a, double *out) /* the trace, where norms do not serve */
{
    size_t i, n = a->info.size;
    cn_real *diagonal = CN__TAKE(w, cn_real, n);
    int status = a->diagonal(w, a, diagonal);
    for (*out = 0, i = 0; status == CN_OK && w->base && i < n; i++) *out += (double)diagonal[i];
    return status;
}

/* C and S, and G F J of few outputs: rows'rows costs less than a product for each parameter. */
static int cn__of_squares(cn__ws *w, cn_op *a, cn_real *out) {
    return cn__squares(w, cn__point_of(a), cn__kind_of(a), cn__of_op(a)->block, out);
}

/* A = R'R with R = rows/sqrt(n); those of S are C's less their mean */
static int cn__of_gram(cn__ws *w, cn_op *a, cn_real *out) {
    cn_point *at = cn__point_of(a);
    size_t entries = cn__times(a->info.rows, a->info.rows), i;
    double *gram = CN__TAKE(w, double, entries);
    int status = cn__gram(w, at, at, cn__kind_of(a), cn__of_op(a)->block, gram);
    for (i = 0; status == CN_OK && w->base && i < entries; i++) out[i] = (cn_real)(gram[i] / (double)at->p->n);
    return status;
}

static int cn__of_spread(cn__ws *w, cn_op *a, size_t k, const cn_real *u, cn_real *y) {
    cn_point *at = cn__point_of(a);
    size_t N = a->info.rows, j, r;
    cn_real *scaled = CN__TAKE(w, cn_real, cn__times(k, N));
    double mean;
    for (j = 0; w->base && j < k; j++) {
        for (mean = 0, r = 0; cn__kind_of(a)->centred && r < N; r++) mean += (double)u[j * N + r] / (double)N;
        for (r = 0; r < N; r++) scaled[j * N + r] = (cn_real)(((double)u[j * N + r] - mean) / sqrt((double)at->p->n));
    }
    return cn__spread(w, at, cn__kind_of(a), cn__of_op(a)->block, k, scaled, y);
}

/* ---- centred kinds: less g g', g the mean gradient over the block */

static int cn__mean_gradient(cn__ws *w, const cn_op *a, const cn_real **mean) {
    cn_point *at = cn__point_of(a);
    *mean = at->gradient + cn__of_op(a)->block.first;
    return cn__point_gradient(w, at);
}

static int cn__centred_run(cn__ws *w, cn_op *a, size_t k, const cn_real *x, cn_real *y) {
    size_t n = a->info.size, j;
    const cn_real *g;
    int isa = cn__isa(w->ctx), status = cn__mean_gradient(w, a, &g);
    if (status == CN_OK) status = cn__of_run(w, a, k, x, y);
    for (j = 0; status == CN_OK && w->base && j < k; j++)
        cn__axpy(isa, n, -cn__dot(isa, n, g, x + j * n), g, y + j * n);
    return status;
}

static int cn__centred_quadratic(cn__ws *w, cn_op *a, size_t k, const cn_real *x, double *out) {
    size_t n = a->info.size, j;
    const cn_real *g;
    double along;
    int status = cn__mean_gradient(w, a, &g);
    if (status == CN_OK) status = cn__of_quadratic(w, a, k, x, out);
    for (j = 0; status == CN_OK && w->base && j < k; j++) {
        along = cn__dot(cn__isa(w->ctx), n, g, x + j * n);
        out[j] -= along * along;
    }
    return status;
}

static int cn__centred_diagonal(cn__ws *w, cn_op *a, cn_real *out) {
    const cn_real *g;
    size_t i;
    int status = cn__mean_gradient(w, a, &g);
    if (status == CN_OK) status = cn__of_diagonal(w, a, out);
    for (i = 0; status == CN_OK && w->base && i < a->info.size; i++) out[i] -= g[i] * g[i];
    return status;
}

static int cn__centred_trace(cn__ws *w, cn_op *a, double *out) {
    const cn_real *g;
    int status = cn__mean_gradient(w, a, &g);
    if (status == CN_OK) status = cn__of_trace(w, a, out);
    if (status == CN_OK && w->base) *out -= cn__dot(cn__isa(w->ctx), a->info.size, g, g);
    return status;
}

static int cn__centred_squares(cn__ws *w, cn_op *a, cn_real *out) {
    const cn_real *g;
    size_t i, n = a->info.size;
    int status = cn__mean_gradient(w, a, &g);
    if (status == CN_OK) status = cn__of_squares(w, a, out);
    for (i = 0; status == CN_OK && w->base && i < n; i++) cn__axpy(cn__isa(w->ctx), n, -g[i], g, out + i * n);
    return status;
}

/* ---- dual kinds: K = J J', vectors [k][samples][outputs]; J's own calls want [samples][k][outputs] */

static void cn__swap_rows(size_t k, size_t n, size_t K, const cn_real *x, cn_real *y) /* [k][n][K] -> [n][k][K] */
{
    size_t i, j;
    for (i = 0; i < n; i++)
        for (j = 0; j < k; j++) memcpy(y + (i * k + j) * K, x + (j * n + i) * K, K * sizeof *y);
}

static int cn__dual_run(cn__ws *w, cn_op *a, size_t k, const cn_real *x, cn_real *y) {
    cn_point *at = cn__point_of(a);
    size_t K = at->p->net->outputs, n = at->p->n, mark;
    int status;
    cn_real *u = CN__TAKE(w, cn_real, cn__times(k, a->info.size)),
            *v = CN__TAKE(w, cn_real, cn__times(k, cn__of_op(a)->block.count));
    mark = w->at;
    if (w->base) cn__swap_rows(k, n, K, x, u);
    if ((status = cn__jtu(w, at, cn__of_op(a)->block, k, u, v)) != CN_OK) return status;
    w->at = mark;
    if ((status = cn__jv(w, at, cn__of_op(a)->block, k, v, u)) != CN_OK) return status;
    if (w->base) cn__swap_rows(n, k, K, u, y);
    return CN_OK;
}

static int cn__dual_trace(cn__ws *w, cn_op *a, double *out) {
    cn_point *at = cn__point_of(a);
    int status = cn__trace_norms(w, at, cn__kind_of(a), cn__of_op(a)->block, out);
    if (status == CN_OK && w->base) *out *= (double)at->p->n;
    return status;
}

static int cn__dual_dense(cn__ws *w, cn_op *a, cn_real *out) {
    cn_point *at = cn__point_of(a);
    size_t entries = cn__times(a->info.size, a->info.size), i;
    double *gram = CN__TAKE(w, double, entries);
    int status = cn__gram(w, at, at, cn__kind_of(a), cn__of_op(a)->block, gram);
    for (i = 0; status == CN_OK && w->base && i < entries; i++) out[i] = (cn_real)gram[i];
    return status;
}

/* ---- matrices by way of z */

static int cn__of_weight_alone(cn__ws *w, cn_op *a, cn_real *out) /* the block is one layer's weight */
{
    cn_point *at = cn__point_of(a);
    size_t i = 0;
    while (at->p->net->node[i].theta != cn__of_op(a)->block.first || !at->p->net->node[i].item.params) i++;
    return cn__block_hessian(w, at, i, out);
}

/* The largest dense weight within the block: its own matrix (that of G, too, in piecewise linear networks) takes one
   GEMM a row of B. */
static const cn__node *cn__largest_weight(const cn_net *net, cn_block block) {
    const cn__node *best = NULL, *node;
    size_t i, W, end = block.first + block.count;
    for (i = 0; i < net->count; i++) {
        node = net->node + i;
        W = node->item.params && cn__plain_dense(node) ? node->affine.rows * node->affine.cols : 0;
        if (W && node->theta >= block.first && node->theta + W <= end &&
            (!best || W > best->affine.rows * best->affine.cols))
            best = node;
    }
    return best;
}

/* That matrix, and products for the columns beside it, which by symmetry are the rows as well. */
static int cn__of_weight(cn__ws *w, cn_op *a, cn_real *out) {
    cn_point *at = cn__point_of(a);
    const cn_net *net = at->p->net;
    const cn__node *node = cn__largest_weight(net, cn__of_op(a)->block);
    size_t n = cn__of_op(a)->block.count, W = node->affine.rows * node->affine.cols,
           first = node->theta - cn__of_op(a)->block.first, mark = w->at, i, j, k;
    int status;
    /* it is made at the end of out and moved row by row: no row lands on one to come */
    cn_real *x, *tail = w->base ? out + n * n - W * W : NULL;
    if ((status = cn__block_hessian(w, at, (size_t)(node - net->node), tail)) != CN_OK) return status;
    w->at = mark;
    x = CN__TAKE(w, cn_real, CN__GROUP * n);
    if (!w->base) return n > W ? cn__run(w, a, CN__MIN(n - W, (size_t)CN__GROUP), NULL, NULL) : CN_OK;
    for (i = 0; i < W; i++) memmove(out + (first + i) * n + first, tail + i * W, W * sizeof *out);
    for (j = 0; j < n; j += k) {
        if (j == first) {
            k = W;
            continue;
        }
        k = CN__MIN((size_t)CN__GROUP, (j < first ? first : n) - j);
        cn__units(n, j, k, x);
        if ((status = cn__run(w, a, k, x, out + j * n)) != CN_OK) return status;
        for (i = 0; i < k * W; i++) out[(first + i / k) * n + j + i % k] = out[(j + i % k) * n + first + i / k];
        if ((status = cn__report(w->ctx, "dense operator", (double)(j + k), (double)n, 0, 0)) != CN_OK) return status;
    }
    return CN_OK;
}

/* ---- which of these serve */

/* all_dense: every layer of the block is dense; weight_alone: the block is the weight of one layer, dense or conv */
static void cn__block_layers(const cn_net *net, cn_block block, int *all_dense, int *weight_alone) {
    size_t i, layers = 0, end = block.first + block.count;
    int whole = 0;
    *all_dense = 1;
    for (i = 0; i < net->count; i++) {
        const cn__node *node = net->node + i;
        int plain = cn__plain_dense(node), patches = node->has_affine && node->affine.groups == 1 && node->row->unfold;
        if (!node->item.params || node->theta + node->item.params <= block.first || node->theta >= end) continue;
        layers++;
        if (!plain) *all_dense = 0;
        if ((plain || patches) && block.first == node->theta && block.count == node->affine.rows * node->affine.cols)
            whole = 1;
    }
    *weight_alone = whole && layers == 1;
}

static void cn__of_forms(cn_op *a, const cn_point *at) {
    const cn_net *net = at->p->net;
    const cn__kind *kind = cn__kind_of(a);
    const cn__node *weight = NULL;
    cn_net_info info = cn_net_describe(net);
    int norms = cn__norm_parts(net, cn__of_op(a)->block), all_dense, weight_alone;
    int rows = cn__has_rows(at->p, cn__diagonal_kind(a));
    double cost = (double)cn__rows_a_sample(net, kind) * (double)cn__of_op(a)->block.count; /* numbers a sample */
    if (kind->dual) {
        a->run = cn__dual_run;
        a->trace = norms ? cn__dual_trace : NULL;
        a->dense = norms ? cn__dual_dense : NULL;
        return;
    }
    cn__block_layers(net, cn__of_op(a)->block, &all_dense, &weight_alone);
    a->run = kind->centred ? cn__centred_run : cn__of_run;
    if (!kind->second) a->quadratic = kind->centred ? cn__centred_quadratic : cn__of_quadratic;
    if (norms && cn__has_rows(at->p, kind)) {
        a->info.rows = cn__times(at->p->n, cn__rows_a_sample(net, kind));
        a->gram = cn__of_gram;
        a->spread = cn__of_spread;
    }
    if (rows || (kind->second && all_dense)) {
        a->diagonal = kind->centred ? cn__centred_diagonal : cn__of_diagonal;
        a->trace = !norms || !rows ? cn__of_diagonal_sum : kind->centred ? cn__centred_trace : cn__of_trace;
    }
    if (kind->second || (net->piecewise_linear && kind->lambda)) weight = cn__largest_weight(net, cn__of_op(a)->block);
    if (kind->second && weight_alone)
        a->dense = cn__of_weight_alone;
    else if (weight && 2 * weight->affine.rows * weight->affine.cols > cn__of_op(a)->block.count)
        a->dense = cn__of_weight;
    else if (!kind->second && rows && net->gemm_wide && cost <= 3 * (info.macs + (double)info.params) && cost <= 131072)
        a->dense = kind->centred ? cn__centred_squares : cn__of_squares;
    else if (weight)
        a->dense = cn__of_weight;
    if (a->dense == cn__of_weight)
        a->dense_products = cn__of_op(a)->block.count - weight->affine.rows * weight->affine.cols;
}

static int cn__check_kind(cn_ctx *c, const cn_problem *p, int kind) {
    const char *loss = p->loss.name ? p->loss.name : "";
    if (kind < 0 || kind >= CN_OP_COUNT) return cn__fail(c, CN_E_ARGUMENT, "operator: %d is not a kind", kind);
    if (cn__kinds[kind].own_labels && !p->loss.canonical)
        return cn__fail(c, CN_E_UNSUITED, "operator: the Fisher of the loss '%s' is not known; G is", loss);
    if (cn__kinds[kind].drawn && !p->loss.draw)
        return cn__fail(c, CN_E_UNSUITED, "operator: the loss '%s' cannot draw labels", loss);
    return cn__check_kind_labels(c, p, cn__kinds + kind);
}

static int cn__op_of(cn_ctx *c, cn__op_here *here, cn_point *at, int kind, cn_block block) {
    const cn__kind *row;
    int status;
    memset(here, 0, sizeof *here);
    cn__start_op(&here->op, c, 0, "");
    if ((status = cn__check_kind(c, at->p, kind)) != CN_OK) return status;
    if ((status = cn__resolve(c, at->p->net, &block)) != CN_OK) return status;
    row = cn__kinds + kind;
    cn__start_op(&here->op, c, row->dual ? cn__times(at->p->n, at->p->net->outputs) : block.count, row->convention);
    here->of.at = at;
    here->of.kind = row;
    here->of.block = block;
    here->op.data = &here->of;
    here->op.info.positive = row->dual || cn__has_rows(at->p, row);
    cn__of_forms(&here->op, at);
    return CN_OK;
}

CN_API cn_op *cn_op_of(cn_point *at, int kind, cn_block block) {
    cn__op_here here;
    int status;
    if (!at) return NULL;
    status = cn__op_of(at->ctx, &here, at, kind, block);
    return cn__new_op(&here.op, &here.of, sizeof here.of, status);
}

/* ---- an item's own linear map T: T'T */

typedef struct cn__item_map {
    cn_point *at;
    size_t item;
} cn__item_map;

static int cn__item_run(cn__ws *w, cn_op *a, size_t k, const cn_real *x, cn_real *y) {
    const cn__item_map *m = (const cn__item_map *)a->data;
    return cn__item_normal(w, m->at, m->item, k, x, y);
}

static void cn__start_item(cn_op *made, cn__item_map *map, cn_point *at, size_t item, size_t size) {
    cn__start_op(made, at->ctx, size, "T'T of an item's linear map T");
    made->info.positive = 1;
    made->run = cn__item_run;
    made->data = map;
    map->at = at;
    map->item = item;
}

CN_API cn_op *cn_op_item(cn_point *at, const char *item) {
    cn_op made;
    cn__item_map map;
    const cn_net *net;
    size_t i;
    int status = CN_OK;
    if (!at) return NULL;
    net = at->p->net;
    for (i = 0; i < net->count && !(item && net->node[i].has_affine && cn__same(net->node[i].name, item));) i++;
    cn__start_item(&made, &map, at, i, i < net->count ? net->node[i].in : 1);
    if (i == net->count)
        status = cn__fail(at->ctx, CN_E_ARGUMENT, "operator: '%s' is no dense, conv or batchnorm item",
                          item ? item : "(NULL)");
    return cn__new_op(&made, &map, sizeof map, status);
}
#endif /* FLOOR 11 */

/* ==== FLOOR 12: measures ========================================================================================== */
#if CN_FLOOR_MAX >= 12

/* ---- Takeuchi's criterion: eigenvalues of H or F, C along them, in one of six forms */

#define CN__CUT 1e-3 /* [TIC App. B.1] */

typedef struct cn__takeuchi {
    cn_point *at;
    const cn_tic_desc *d;
    cn_block block;
    int kind, form;
    double least; /* the smallest cut */
    /* pairs examined: lambda, and v'Cv of those kept by some cut; rows a sample of R */
    cn__op_here a, c;
    size_t count, rows;
    double *value, *along;
    double unseen, residual; /* what is outside of them: |trace| */
    int zeros;               /* are there eigenvalues that are 0 beside them? */
    double largest;
    /* of a part of the spectrum: pairs from below, the last of the count; pairs that converged; an exact trace */
    size_t bottom;
    int converged, trace_known;
    /* of the quadrature: finished probes, their |z|^2 and nodes, rule [probes][2][3][steps], by all steps and by half
       */
    size_t probes, steps, (*used)[2];
    int three_vectors;
    double *size, *rule;
} cn__takeuchi;

static size_t cn__fisher_rows(const cn_problem *p) /* class probabilities add up to 1: Lambda 1 = 0, one row fewer */
{
    return p->net->outputs - (p->loss.classes && p->loss.canonical && p->net->outputs > 1);
}

static int cn__tic_form(cn__ws *w, cn__takeuchi *t) {
    const cn_problem *p = t->at->p;
    size_t side = cn__times(p->n, cn__fisher_rows(p));
    int gram = 0, form = t->d->form;
    if (form < CN_TIC_AUTO || form >= CN_TIC_FORMS)
        return cn__fail(w->ctx, CN_E_ARGUMENT, "TIC: %d is not a form", form);
    if (form == CN_TIC_GRAM || form == CN_TIC_AUTO)
        gram = t->kind == CN_OP_FISHER && p->loss.factor && cn__norm_parts(p->net, t->block);
    if (form == CN_TIC_GRAM && !gram)
        return cn__fail(
            w->ctx, CN_E_UNSUITED,
            "TIC: the Gram form is for the Fisher of a loss with a factor, over whole layers or one part of a layer");
    if (form == CN_TIC_AUTO && gram && side <= CN__MOST_DENSE && side < t->block.count) form = CN_TIC_GRAM;
    if (form == CN_TIC_AUTO) form = t->block.count <= CN__MOST_DENSE ? CN_TIC_DENSE : CN_TIC_QUADRATURE;
    t->form = form;
    return CN_OK;
}

/* All eigenvalues of A [n] by its matrix, given or made, and the *kept vectors [n][n] of those above cut times the
   largest. */
static int cn__dense_pairs(cn__ws *w, const char *what, cn_op *a, const cn_real *matrix, double cut, double *value,
                           cn_real *vectors, size_t *kept) {
    size_t n = a->info.size, mark;
    int status = cn__overflows(n, n);
    cn_real *dense;
    if (status) return cn__fail(w->ctx, CN_E_SIZE, "%s: a dense matrix of %z parameters overflows", what, n);
    dense = CN__TAKE(w, cn_real, n * n);
    mark = w->at;
    if (matrix && w->base) memcpy(dense, matrix, n * n * sizeof *dense);
    if (!matrix && (status = cn__op_dense(w, a, dense)) != CN_OK) return status;
    w->at = mark;
    if ((status = cn__eigen(w, cn__isa(w->ctx), n, dense, 0, cut, value, vectors, kept)) != CN_OK)
        return cn__fail(w->ctx, status, "%s: the eigenproblem failed; the matrix is not finite", what);
    w->at = mark;
    return CN_OK;
}

/* ... and v'Cv of those that the smallest cut keeps. */
static int cn__tic_pairs(cn__ws *w, const cn__takeuchi *t, cn_op *a, cn_op *c, const cn_real *matrix, double *value,
                         double *along) {
    size_t n = a->info.size, kept = 0;
    cn_real *vectors = CN__TAKE(w, cn_real, cn__times(n, n));
    int status = cn__dense_pairs(w, "TIC", a, matrix, t->d->keep_negative ? 0 : t->least, value, vectors, &kept);
    return status ? status : cn__op_quadratic(w, c, w->base ? kept : n, vectors, along);
}

static int cn__tic_dense(cn__ws *w, cn__takeuchi *t) {
    t->count = t->block.count;
    t->value = CN__TAKE(w, double, t->count);
    t->along = CN__TAKE(w, double, t->count);
    return cn__tic_pairs(w, t, &t->a.op, &t->c.op, t->d->matrix, t->value, t->along);
}

static int cn__tic_diagonal(cn__ws *w, cn__takeuchi *t) {
    size_t n = t->count = t->block.count, i, mark;
    int status;
    cn_probe_desc exact;
    cn_est e;
    cn_real *a = CN__TAKE(w, cn_real, n), *c = CN__TAKE(w, cn_real, n);
    t->value = CN__TAKE(w, double, n);
    t->along = CN__TAKE(w, double, n);
    memset(&exact, 0, sizeof exact);
    exact.method = CN_METHOD_EXACT;
    mark = w->at;
    if ((status = cn__diagonal(w, &t->a.op, &exact, a, &e)) != CN_OK) return status;
    w->at = mark;
    if ((status = cn__diagonal(w, &t->c.op, &exact, c, &e)) != CN_OK) return status;
    w->at = mark;
    for (i = 0; w->base && i < n; i++) {
        t->value[i] = (double)a[i];
        t->along[i] = (double)c[i];
    }
    return CN_OK;
}

static int cn__tic_layers(cn__ws *w, cn__takeuchi *t) {
    const cn_net *net = t->at->p->net;
    size_t end = t->block.first + t->block.count, i, mark;
    int status;
    t->value = CN__TAKE(w, double, t->block.count);
    t->along = CN__TAKE(w, double, t->block.count);
    mark = w->at;
    for (t->count = i = 0; i < net->count; i++, w->at = mark) {
        const cn__node *node = net->node + i;
        cn_block part;
        cn__op_here a, c;
        part.first = CN__MAX(node->theta, t->block.first);
        if (!node->item.params || CN__MIN(node->theta + node->item.params, end) <= part.first) continue;
        part.count = CN__MIN(node->theta + node->item.params, end) - part.first;
        if (part.count > CN__MOST_DENSE)
            return cn__fail(w->ctx, CN_E_SIZE, "TIC: item %z has %z parameters; the form by layers takes at most %z", i,
                            part.count, (size_t)CN__MOST_DENSE);
        if ((status = cn__op_of(w->ctx, &a, t->at, t->kind, part)) != CN_OK ||
            (status = cn__op_of(w->ctx, &c, t->at, CN_OP_SECOND_MOMENT, part)) != CN_OK ||
            (status = cn__tic_pairs(w, t, &a.op, &c.op, NULL, w->base ? t->value + t->count : NULL,
                                    w->base ? t->along + t->count : NULL)) != CN_OK)
            return status;
        t->count += part.count;
    }
    return CN_OK;
}

/* One group of probes: their nodes, by all steps and by half of them. */
static int cn__tic_probes(cn__ws *w, cn__takeuchi *t, cn__processes *from, size_t k, cn_real *signs, cn_real *start,
                          double *tri, size_t *used) {
    size_t n = t->block.count, samples = t->at->p->n, j, half, steps = t->steps, mark = w->at;
    int status, isa = cn__isa(w->ctx);
    double *rule;
    for (j = 0; w->base && j < k; j++)
        cn__probe(&t->d->probe, CN_FOR_SAMPLES, t->probes + j, samples, signs + j * samples);
    if ((status = cn__in_groups(w, &t->c.op, t->c.op.spread, samples, k, signs, start)) != CN_OK) return status;
    w->at = mark;
    from->start = start;
    if ((status = cn__lanczos(w, from, k, tri, used)) != CN_OK || !w->base) return status;
    for (j = 0; j < k; j++, t->probes++) {
        rule = t->rule + 6 * t->probes * steps;
        half = used[j] == steps ? (steps + 1) / 2 : used[j]; /* a process that ended has seen all there is */
        if ((status = cn__nodes(w, used[j], steps, tri + 2 * j * steps, rule)) != CN_OK ||
            (status = cn__nodes(w, half, steps, tri + 2 * j * steps, rule + 3 * steps)) != CN_OK)
            return status;
        t->size[t->probes] = cn__dot(isa, n, start + j * n, start + j * n);
        t->used[t->probes][0] = used[j];
        t->used[t->probes][1] = half;
        t->largest = CN__MAX(t->largest, rule[0]);
    }
    return CN_OK;
}

/* The mean over the probes, not yet divided by N. */
static cn__mean cn__tic_mean(const cn__takeuchi *t, double cut, int half) {
    size_t j, i;
    double sum, line = cut * t->largest;
    cn__mean mean;
    memset(&mean, 0, sizeof mean);
    for (j = 0; j < t->probes; j++) {
        const double *node = t->rule + (6 * j + (half ? 3 : 0)) * t->steps, *weight = node + t->steps;
        for (sum = 0, i = 0; i < t->used[j][half]; i++)
            if ((t->d->keep_negative ? fabs(node[i]) : node[i]) > line) sum += weight[i] / node[i];
        cn__mean_add(&mean, t->size[j] * sum);
    }
    return mean;
}

static int cn__tic_quadrature(cn__ws *w, cn__takeuchi *t, double cut) {
    const cn_probe_desc *d = &t->d->probe;
    size_t n = t->block.count, most = d->probes ? d->probes : 32, steps = CN__MIN(d->steps ? d->steps : 80, n),
           budget = (t->d->basis_bytes ? t->d->basis_bytes : (size_t)1 << 28) / sizeof(cn_real), group, mark;
    int status;
    double *tri;
    size_t *used;
    cn_real *signs, *start;
    cn__processes from;
    cn__mean mean;
    if ((status = cn__check_probes(w->ctx, "TIC", d, (2u << CN_METHOD_POWER) - 1)) != CN_OK) return status;
    memset(&from, 0, sizeof from);
    from.a = &t->a.op;
    from.probe = d;
    from.steps = t->steps = steps;
    t->three_vectors = cn__times(cn__plus(steps, 1), n) > budget && steps > 2;
    from.window = t->three_vectors ? 2 : steps;
    group = CN__MIN(CN__MIN(most, CN__GROUP), CN__MAX(budget / cn__times(from.window + 1, n), 1));
    signs = CN__TAKE(w, cn_real, cn__times(group, t->at->p->n));
    start = CN__TAKE(w, cn_real, cn__times(group, n));
    tri = CN__TAKE(w, double, cn__times(cn__times(2, group), steps));
    used = CN__TAKE(w, size_t, group);
    t->size = CN__TAKE(w, double, most);
    t->rule = CN__TAKE(w, double, cn__times(cn__times(6, most), steps));
    t->used = (size_t(*)[2])CN__TAKE(w, size_t, cn__times(2, most));
    mark = w->at;
    if (!w->base) return cn__tic_probes(w, t, &from, group, signs, start, tri, used);
    while (t->probes < most) {
        status = cn__tic_probes(w, t, &from, CN__MIN(group, most - t->probes), signs, start, tri, used);
        w->at = mark;
        if (status) return status;
        mean = cn__tic_mean(t, cut, 0);
        if (cn__enough(d, t->probes, mean.value, cn__mean_error(&mean))) break;
        if ((status = cn__report(w->ctx, "TIC", (double)t->probes, (double)most, mean.value, cn__mean_error(&mean))) !=
            CN_OK)
            return status;
    }
    return CN_OK;
}

/* Makes rows [K][K] upper triangular with the same rows'rows (Gram, Schmidt: backward stable for the triangle); t is
   room for as many. */
static void cn__triangle(size_t K, cn_real *rows, double *t) {
    size_t i, j, a;
    double sum;
    for (i = 0; i < K * K; i++) {
        t[i] = (double)rows[i];
        rows[i] = 0;
    }
    for (i = 0; i < K; i++) {
        for (sum = 0, a = 0; a < K; a++) sum += t[a * K + i] * t[a * K + i];
        sum = sqrt(sum);
        rows[i * K + i] = (cn_real)sum;
        for (a = 0; a < K; a++) t[a * K + i] *= sum > 0 ? 1 / sum : 0;
        for (j = i + 1; j < K; j++) {
            for (sum = 0, a = 0; a < K; a++) sum += t[a * K + i] * t[a * K + j];
            rows[i * K + j] = (cn_real)sum;
            for (a = 0; a < K; a++) t[a * K + j] -= sum * t[a * K + i];
        }
    }
}

/* Per sample [rows + 1][K]: the triangle T with T'T = Lambda, then the loss gradient r. */
typedef struct cn__factors {
    const cn_loss *loss;
    size_t rows;
    cn_real *out;
} cn__factors;

static int cn__add_factors(void *user, const cn_view *v, double *sum, double *room) {
    const cn__factors *f = (const cn__factors *)user;
    size_t K = v->outputs, m = f->rows, i;
    cn_real *all = (cn_real *)(void *)(room + K * K);
    (void)sum;
    for (i = 0; i < v->n; i++) {
        cn_real *out = f->out + (v->sample + i) * (m + 1) * K;
        f->loss->factor(f->loss->user, K, v->f + i * K, v->target + i * K, v->label[i], all);
        cn__triangle(K, all, room);
        memcpy(out, all, m * K * sizeof *out);
        memcpy(out + m * K, v->residual + i * K, K * sizeof *out);
    }
    return CN_OK;
}

/* R = T J, gradients g = r'J: with the Gram matrix of J's rows, RR' and g R' are small products of its blocks. From
   RR'/n = U lambda U' come v = R'u / sqrt(n lambda), and v'Cv = sum over samples of (g R'u)^2 / (n^2 lambda). */
static int cn__tic_gram(cn__ws *w, cn__takeuchi *t) {
    cn_problem *p = t->at->p;
    size_t n = p->n, K = p->net->outputs, m = t->rows, N = cn__times(n, K), M = cn__times(n, m), i, j, a, b, c, mark,
           kept = 0;
    int status, isa = cn__isa(w->ctx);
    cn__visitor v;
    cn_visit_desc d;
    cn__factors f;
    double *gram, *part, sum;
    cn_real *factor, *small, *cross, *vectors, *pack, *along;
    if (cn__overflows(N, N) || cn__overflows(n, cn__times(m + 1, K)))
        return cn__fail(w->ctx, CN_E_SIZE, "TIC: the Gram matrix of %z samples and %z outputs overflows", n, K);
    factor = CN__TAKE(w, cn_real, n * (m + 1) * K);
    gram = CN__TAKE(w, double, N *N);
    small = CN__TAKE(w, cn_real, M * M);
    vectors = CN__TAKE(w, cn_real, M * M);
    cross = CN__TAKE(w, cn_real, n * M);
    t->value = CN__TAKE(w, double, M);
    t->along = CN__TAKE(w, double, M);
    part = CN__TAKE(w, double, (m + 1) * K);
    pack = CN__TAKE(w, cn_real, cn__gemm_pack(n, M, M));
    t->count = CN__MIN(M, t->block.count); /* the others are 0 by rank */
    t->zeros = t->block.count > M;
    mark = w->at;
    f.loss = &p->loss;
    f.rows = m;
    f.out = factor;
    cn__start_visit(&v, &d, 0, cn__add_factors, &f);
    v.room = 2 * K * K;
    if ((status = cn__visit(w, t->at, &v)) != CN_OK) return status;
    w->at = mark;
    if ((status = cn__gram(w, t->at, t->at, cn__kinds + CN_OP_JACOBIAN_MOMENT, t->block, gram)) != CN_OK) return status;
    w->at = mark;
    for (i = 0; w->base && i < n; i++)
        for (j = 0; j < n; j++) {
            const cn_real *left = factor + i * (m + 1) * K, *right = factor + j * (m + 1) * K;
            for (a = 0; a <= m; a++)
                for (b = 0; b < K; b++) {
                    for (sum = 0, c = 0; c < K; c++) sum += (double)left[a * K + c] * gram[(i * K + c) * N + j * K + b];
                    part[a * K + b] = sum;
                }
            for (a = 0; a <= m; a++)
                for (b = 0; b < m; b++) {
                    for (sum = 0, c = b; c < K; c++) sum += part[a * K + c] * (double)right[b * K + c];
                    if (a < m)
                        small[(i * m + a) * M + j * m + b] = (cn_real)(sum / (double)n);
                    else
                        cross[i * M + j * m + b] = (cn_real)sum;
                }
        }
    if ((status = cn__eigen(w, isa, M, small, 0, t->least, t->value, vectors, &kept)) != CN_OK)
        return cn__fail(w->ctx, status, "TIC: the eigenproblem failed; the Gram matrix is not finite");
    w->at = mark;
    if (!w->base) return CN_OK;
    along = small; /* [n][kept] */
    cn__gemm(isa, n, kept, M, 1, cross, M, 1, vectors, 1, M, 0, along, kept, 1, pack);
    for (j = 0; j < kept; j++) {
        for (sum = 0, i = 0; i < n; i++) sum += (double)along[i * kept + j] * (double)along[i * kept + j];
        t->along[j] = t->value[j] > 0 ? sum / ((double)n * (double)n * t->value[j]) : 0;
    }
    return CN_OK;
}

static int cn__tic_partial(cn__ws *w, cn__takeuchi *t) {
    size_t n = t->block.count, j, mark;
    int status;
    cn_eigs_desc e;
    cn_iter it;
    cn_probe_desc closed;
    cn_est trace;
    cn_real *vectors;
    double seen = 0;
    memset(&e, 0, sizeof e);
    memset(&closed, 0, sizeof closed);
    t->count = CN__MIN(n, t->d->pairs ? t->d->pairs : 100);
    e.bottom = t->bottom = t->d->keep_negative && t->kind == CN_OP_HESSIAN ? t->count / 2 : 0;
    e.top = t->count - e.bottom;
    vectors = CN__TAKE(w, cn_real, cn__times(t->count, n));
    t->value = CN__TAKE(w, double, t->count);
    t->along = CN__TAKE(w, double, t->count);
    mark = w->at;
    if ((status = cn__eigs(w, &t->a.op, &e, t->value, NULL, vectors, &it)) != CN_OK) return status;
    w->at = mark;
    if ((status = cn__op_quadratic(w, &t->c.op, t->count, vectors, t->along)) != CN_OK) return status;
    w->at = mark;
    if ((status = cn__trace(w, &t->a.op, &closed, &trace)) != CN_OK) return status;
    w->at = mark;
    for (j = 0; w->base && j < t->count; j++) seen += t->value[j];
    t->unseen = t->count < n ? fabs(trace.value - seen) : 0;
    t->residual = it.residual;
    t->converged = it.converged;
    t->trace_known = trace.exact;
    return CN_OK;
}

/* Of a part of the spectrum, the largest and the `bottom` smallest: what holds of all of it. Nothing else lies outside
   of the last ones of either side. */
static void cn__tic_known(const cn__takeuchi *t, double line, double below, cn_tic_result *r) {
    int fisher = t->kind != CN_OP_HESSIAN; /* has none below 0 */
    double last = t->value[t->count - t->bottom - 1], lowest = t->bottom ? t->value[t->count - 1] : 0;
    r->kept_known = t->converged && last <= line && (fisher || !t->d->keep_negative || (t->bottom && lowest >= -line));
    r->negative_known = fisher || (t->converged && t->bottom && lowest >= below);
    r->dropped_known = fisher && r->kept_known && t->trace_known;
    r->lower_bound = !r->kept_known && (fisher || !t->d->keep_negative);
}

/* What a cut keeps: their sum, not yet divided by N. */
static double cn__tic_sum(const cn__takeuchi *t, double cut) {
    double line = cut * t->largest, sum = 0;
    size_t j;
    if (t->form == CN_TIC_QUADRATURE) return cn__tic_mean(t, cut, 0).value;
    for (j = 0; j < t->count; j++)
        if ((t->d->keep_negative ? fabs(t->value[j]) : t->value[j]) > line) sum += t->along[j] / t->value[j];
    return sum;
}

static void cn__tic_sums(const cn__takeuchi *t, double cut, cn_tic_result *r) {
    double line = cut * t->largest, seen = 0, mass = 0, gap = t->zeros ? 1 : fabs(t->largest - line) / line;
    double below = (CN__DOUBLE ? -1e-10 : -1e-5) * t->largest; /* by more than rounding */
    double N = (double)(t->d->train_n ? t->d->train_n : t->at->p->n);
    cn__mean mean;
    size_t j;
    memset(r, 0, sizeof *r);
    r->form = t->form;
    r->cut = cut;
    r->largest = t->largest;
    r->half_steps = r->tic = cn__tic_sum(t, cut) / N;
    r->half_cut = cn__tic_sum(t, cut / 2) / N;
    r->double_cut = cn__tic_sum(t, 2 * cut) / N;
    if (t->form == CN_TIC_QUADRATURE) {
        mean = cn__tic_mean(t, cut, 0);
        r->error = cn__mean_error(&mean) / N;
        r->half_steps = cn__tic_mean(t, cut, 1).value / N;
        r->probes = t->probes;
        r->three_vectors = t->three_vectors;
        r->negative_known = t->kind != CN_OP_HESSIAN;
        return;
    }
    for (j = 0; j < t->count; j++) {
        double size = t->d->keep_negative ? fabs(t->value[j]) : t->value[j];
        seen += fabs(t->value[j]);
        r->negative += t->value[j] < below;
        gap = CN__MIN(gap, fabs(size - line) / line);
        if (!(size > line)) continue;
        mass += size;
        r->kept++;
    }
    r->gap_to_cut = gap;
    r->share = t->unseen > 0 ? seen / (seen + t->unseen) : 1; /* not by a division that -ffast-math rounds */
    r->dropped = 1 - mass / (seen + t->unseen);
    r->residual = t->residual / t->largest;
    r->examined = t->count;
    r->exact = t->form != CN_TIC_PARTIAL || t->count == t->block.count;
    if (r->exact)
        r->kept_known = r->negative_known = r->dropped_known = 1;
    else
        cn__tic_known(t, line, below, r);
}

static int cn__trace_ratio(cn__ws *w, cn__takeuchi *t, double *ratio) /* tr C / tr F */
{
    cn__op_here f;
    cn_est e;
    cn_probe_desc closed;
    size_t mark = w->at;
    int status;
    double trace_c;
    *ratio = 0;
    if (!t->at->p->loss.canonical) return CN_OK;
    memset(&closed, 0, sizeof closed);
    if ((status = cn__op_of(w->ctx, &f, t->at, CN_OP_FISHER, t->block)) != CN_OK ||
        (status = cn__trace(w, &t->c.op, &closed, &e)) != CN_OK)
        return status;
    trace_c = e.value;
    w->at = mark;
    status = cn__trace(w, &f.op, &closed, &e);
    w->at = mark;
    if (w->base && e.value > 0) *ratio = trace_c / e.value;
    return status;
}

static int cn__tic(cn__ws *w, cn_point *at, const cn_tic_desc *d, int kind, size_t cuts, const double *cut,
                   cn_tic_result *r) {
    cn__takeuchi t;
    cn_tic_result one;
    double ratio;
    size_t i;
    int status;
    memset(&t, 0, sizeof t);
    t.at = at;
    t.d = d;
    t.kind = kind;
    t.block = d->block;
    t.least = 1;
    t.rows = cn__fisher_rows(at->p);
    if ((status = cn__resolve(w->ctx, at->p->net, &t.block)) != CN_OK) return status;
    for (i = 0; i < cuts; i++) {
        if (!cn__within(cut[i], 0, 1) || cut[i] == 0)
            return cn__fail(w->ctx, CN_E_ARGUMENT, "TIC: cut %g is not in (0, 1)", cut[i]);
        t.least = CN__MIN(t.least, cut[i] / 2); /* half_cut */
    }
    if ((status = cn__op_of(w->ctx, &t.a, at, kind, t.block)) != CN_OK ||
        (status = cn__op_of(w->ctx, &t.c, at, CN_OP_SECOND_MOMENT, t.block)) != CN_OK)
        return status;
    if ((status = cn__trace_ratio(w, &t, &ratio)) != CN_OK) return status;
    if ((status = cn__tic_form(w, &t)) != CN_OK) return status;
    status = t.form == CN_TIC_DENSE      ? cn__tic_dense(w, &t)
             : t.form == CN_TIC_GRAM     ? cn__tic_gram(w, &t)
             : t.form == CN_TIC_PARTIAL  ? cn__tic_partial(w, &t)
             : t.form == CN_TIC_DIAGONAL ? cn__tic_diagonal(w, &t)
             : t.form == CN_TIC_LAYERS   ? cn__tic_layers(w, &t)
                                         : cn__tic_quadrature(w, &t, cut[0]);
    if (!w->base || (status && (status != CN_CANCELLED || !t.probes))) return status;
    for (i = 0; i < t.count; i++) t.largest = i ? CN__MAX(t.largest, t.value[i]) : t.value[0];
    if (!(t.largest > 0))
        return cn__fail(w->ctx, CN_E_UNSUITED, "TIC: %s has no positive eigenvalue (the largest is %g)",
                        kind == CN_OP_HESSIAN ? "the Hessian" : "the Fisher", t.largest);
    for (i = 0; i < cuts; i++) { /* all are looked at before any is given */
        cn__tic_sums(&t, cut[i], &one);
        if (!cn__finite(one.tic + one.half_cut + one.double_cut + one.half_steps + one.error + ratio) ||
            !cn__finite(one.gap_to_cut + one.dropped + one.share + one.residual))
            return cn__fail(w->ctx, CN_E_NUMERIC,
                            "TIC: its sums are not finite at a cut of %g; the largest eigenvalue is %g", cut[i],
                            t.largest);
    }
    for (i = 0; i < cuts; i++) {
        cn__tic_sums(&t, cut[i], r + i);
        r[i].ratio = ratio;
        r[i].status = status;
    }
    return status;
}

static cn_tic_result cn__tic_of(cn_point *at, const cn_tic_desc *d, int kind) {
    cn__ws w;
    cn_tic_result r;
    cn_tic_desc zero;
    double cut = d ? d->cut : 0;
    memset(&zero, 0, sizeof zero);
    memset(&r, 0, sizeof r);
    if (!at) {
        r.status = CN_E_ARGUMENT;
        return r;
    }
    if (cn__finite(cut) && cut == 0) cut = CN__CUT; /* in this order: -ffast-math takes what equals 0 for 0, NaN too */
    CN__CALL(w, at->ctx, r.status, cn__tic(&w, at, d ? d : &zero, kind, 1, &cut, &r));
    return r;
}

CN_API cn_tic_result cn_tic(cn_point *at, const cn_tic_desc *d) { return cn__tic_of(at, d, CN_OP_HESSIAN); }
CN_API cn_tic_result cn_tic_fisher(cn_point *at, const cn_tic_desc *d) { return cn__tic_of(at, d, CN_OP_FISHER); }

CN_API int cn_tic_curve(cn_point *at, const cn_tic_desc *d, size_t cuts, const double *cut, cn_tic_result *r) {
    cn__ws w;
    cn_tic_desc zero;
    int status;
    memset(&zero, 0, sizeof zero);
    if (!at) return CN_E_ARGUMENT;
    if (!cuts || !cut || !r)
        return cn__fail(at->ctx, CN_E_ARGUMENT, "TIC curve: there are no cuts, or an array is missing");
    CN__CALL(w, at->ctx, status, cn__tic(&w, at, d ? d : &zero, CN_OP_HESSIAN, cuts, cut, r));
    return status;
}

/* ---- influence: gradients of samples through A^-1 */

static int cn__check_influence(cn_ctx *c, const cn_influence_desc *d) {
    if (d->kind != CN_OP_HESSIAN && d->kind != CN_OP_GAUSS_NEWTON && d->kind != CN_OP_FISHER)
        return cn__fail(c, CN_E_ARGUMENT, "influence: the kind must be H, G or F, not %d", d->kind);
    if (!(d->ridge >= 0) || !cn__finite(d->ridge))
        return cn__fail(c, CN_E_ARGUMENT, "influence: ridge %g is negative or not finite", d->ridge);
    if (!cn__within(d->cut, 0, 1)) return cn__fail(c, CN_E_ARGUMENT, "influence: cut %g is not in [0, 1)", d->cut);
    return CN_OK;
}

/* out [n] = sum over k vectors of scale_j (g_i.v_j)^power, power 1 or 2, added to what is there */
static int cn__add_along(cn__ws *w, cn_point *at, cn_block block, size_t k, const cn_real *v, const double *scale,
                         int power, double *out) {
    size_t n = at->p->n, group = CN__MIN(k, CN__GROUP), from = 0, m, i, j, mark;
    int status;
    double x;
    cn_real *dots = CN__TAKE(w, cn_real, cn__times(n, group));
    mark = w->at;
    if (!w->base) return cn__gv(w, at, block, group, NULL, NULL);
    for (; from < k; from += m, w->at = mark) {
        m = CN__MIN(group, k - from);
        if ((status = cn__gv(w, at, block, m, v + from * block.count, dots)) != CN_OK) return status;
        for (i = 0; i < n; i++)
            for (j = 0; j < m; j++) {
                x = (double)dots[i * m + j];
                out[i] += scale[from + j] * (power == 1 ? x : x * x);
            }
    }
    return CN_OK;
}

static int cn__influence(cn__ws *w, cn_point *at, cn_point *other, const cn_influence_desc *d, double *out,
                         cn_iter *r) {
    cn__op_here a;
    cn_block block = d->block;
    size_t n = at->p->n, mark;
    int status;
    double scale = 1 / (double)(d->train_n ? d->train_n : n), *sum;
    cn_real *g, *x;
    if ((status = cn__check_influence(w->ctx, d)) != CN_OK ||
        (status = cn__resolve(w->ctx, at->p->net, &block)) != CN_OK ||
        (status = cn__op_of(w->ctx, &a, at, d->kind, block)) != CN_OK)
        return status;
    if (!out) return cn__fail(w->ctx, CN_E_ARGUMENT, "influence: out is missing");
    if (other->p->net != at->p->net)
        return cn__fail(w->ctx, CN_E_ARGUMENT, "influence: the two points have different networks");
    g = CN__TAKE(w, cn_real, block.count);
    x = CN__TAKE(w, cn_real, block.count);
    sum = CN__TAKE(w, double, n);
    mark = w->at;
    if ((status = cn__point_gradient(w, other)) != CN_OK) return status;
    w->at = mark;
    if (w->base) memcpy(g, other->gradient + block.first, block.count * sizeof *g);
    if ((status = cn__solve(w, &a.op, d->ridge, d->tolerance, d->most, NULL, g, x, r)) != CN_OK) return status;
    w->at = mark;
    if (w->base) memset(sum, 0, n * sizeof *sum);
    if ((status = cn__add_along(w, at, block, 1, x, &scale, 1, sum)) != CN_OK || !w->base) return status;
    if ((status = cn__written_doubles(w, "influence", CN_OK, n, sum)) != CN_OK) return status;
    memcpy(out, sum, n * sizeof *out);
    return CN_OK;
}

CN_API cn_iter cn_influence(cn_point *at, cn_point *other, const cn_influence_desc *d, double *out) {
    CN__ANSWER(cn_iter, cn_influence_desc, at, cn__influence(&w, at, other ? other : at, d ? d : &zero, out, &r));
}

static int cn__left_out_dense(cn__ws *w, cn_point *at, cn_op *a, cn_block block, const cn_influence_desc *d,
                              double *sum) {
    size_t P = block.count, kept = 0, j;
    double cut = d->ridge > 0 ? 0 : d->cut > 0 ? d->cut : CN__CUT, *value = CN__TAKE(w, double, P);
    cn_real *vectors = CN__TAKE(w, cn_real, cn__times(P, P));
    int status = cn__dense_pairs(w, "leave-one-out", a, NULL, cut, value, vectors, &kept);
    if (status) return status;
    if (!w->base) return cn__add_along(w, at, block, P, NULL, NULL, 2, NULL);
    if (d->ridge > 0 ? !(value[P - 1] + d->ridge > 0) : !(value[0] > 0))
        return cn__fail(w->ctx, CN_E_NUMERIC,
                        "leave-one-out: the matrix is not positive definite: %s eigenvalue is %g, the ridge %g",
                        d->ridge > 0 ? "its smallest" : "its largest", d->ridge > 0 ? value[P - 1] : value[0],
                        d->ridge);
    for (j = 0; j < kept; j++) value[j] = 1 / (value[j] + d->ridge);
    return cn__add_along(w, at, block, kept, vectors, value, 2, sum);
}

/* A solve for each row of C's factor, g_i/sqrt(n). */
static int cn__left_out_solves(cn__ws *w, cn_point *at, cn_op *a, cn_block block, const cn_influence_desc *d,
                               double *sum, cn_iter *r) {
    cn__op_here c;
    cn_iter one;
    size_t n = at->p->n, P = block.count, i, mark;
    int status = cn__op_of(w->ctx, &c, at, CN_OP_SECOND_MOMENT, block);
    cn_real *unit = CN__TAKE(w, cn_real, n), *g = CN__TAKE(w, cn_real, P), *x = CN__TAKE(w, cn_real, P);
    if (status) return status;
    if (!(d->ridge > 0))
        return cn__fail(w->ctx, CN_E_ARGUMENT,
                        "leave-one-out: of %z parameters it takes conjugate gradients, which want a ridge above 0", P);
    r->converged = 1;
    mark = w->at;
    for (i = 0; i < (w->base ? n : 1); i++, w->at = mark) {
        if (w->base) {
            memset(unit, 0, n * sizeof *unit);
            unit[i] = 1;
        }
        if ((status = cn__in_groups(w, &c.op, c.op.spread, n, 1, unit, g)) != CN_OK) return status;
        w->at = mark;
        status = cn__solve(w, a, d->ridge, d->tolerance, d->most, NULL, g, x, &one);
        if (status || !w->base) return status;
        sum[i] = (double)n * cn__dot(cn__isa(w->ctx), P, g, x);
        r->iterations += one.iterations;
        r->residual = CN__MAX(r->residual, one.residual);
        r->converged &= one.converged;
        if ((status = cn__report(w->ctx, "leave-one-out", (double)i + 1, (double)n, sum[i], 0)) != CN_OK) return status;
    }
    return CN_OK;
}

static int cn__leave_one_out(cn__ws *w, cn_point *at, const cn_influence_desc *d, double *out, cn_iter *r) {
    cn__op_here a;
    cn_block block = d->block;
    size_t n = at->p->n, i;
    int status;
    double *sum;
    if ((status = cn__check_influence(w->ctx, d)) != CN_OK ||
        (status = cn__resolve(w->ctx, at->p->net, &block)) != CN_OK ||
        (status = cn__op_of(w->ctx, &a, at, d->kind, block)) != CN_OK)
        return status;
    if (!out) return cn__fail(w->ctx, CN_E_ARGUMENT, "leave-one-out: out is missing");
    sum = CN__TAKE(w, double, n);
    if (w->base) memset(sum, 0, n * sizeof *sum);
    if (block.count <= CN__MOST_DENSE) {
        r->converged = 1;
        status = cn__left_out_dense(w, at, &a.op, block, d, sum);
    } else
        status = cn__left_out_solves(w, at, &a.op, block, d, sum, r);
    if (status || !w->base) return status;
    for (i = 0; i < n; i++) sum[i] /= (double)(d->train_n ? d->train_n : n);
    if ((status = cn__written_doubles(w, "leave-one-out", CN_OK, n, sum)) != CN_OK) return status;
    memcpy(out, sum, n * sizeof *out);
    return CN_OK;
}

CN_API cn_iter cn_leave_one_out(cn_point *at, const cn_influence_desc *d, double *out) {
    CN__ANSWER(cn_iter, cn_influence_desc, at, cn__leave_one_out(&w, at, d ? d : &zero, out, &r));
}

/* ---- noise, gradient and curvature */

static void cn__divide_est(cn_est *e, double by) {
    e->value /= by;
    e->error = fabs(e->error / by);
}

static int cn__noise_scale(cn__ws *w, cn_point *at, cn_block block, const cn_probe_desc *d, cn_noise_scale_result *r) {
    cn__op_here s, h;
    size_t P, mark = w->at;
    int status, isa = cn__isa(w->ctx);
    double norm2 = 0, ghg = 0;
    cn_real *hg;
    memset(r, 0, sizeof *r);
    if ((status = cn__op_of(w->ctx, &s, at, CN_OP_COVARIANCE, block)) != CN_OK ||
        (status = cn__op_of(w->ctx, &h, at, CN_OP_HESSIAN, block)) != CN_OK ||
        (status = cn__point_gradient(w, at)) != CN_OK)
        return status;
    w->at = mark;
    P = s.of.block.count;
    hg = CN__TAKE(w, cn_real, P);
    mark = w->at;
    if ((status = cn__run(w, &h.op, 1, at->gradient + s.of.block.first, hg)) != CN_OK) return status;
    w->at = mark;
    status = cn__trace(w, &s.op, d, &r->simple);
    if (w->base) norm2 = cn__dot(isa, P, at->gradient + s.of.block.first, at->gradient + s.of.block.first);
    if (status == CN_OK && w->base && norm2 == 0)
        status = cn__fail(w->ctx, CN_E_UNSUITED, "noise scale: the mean gradient is 0");
    if (status) {
        cn__no_estimate(&r->simple); /* a trace is none of these */
        return status;
    }
    if (w->base) {
        r->signal = r->simple.value > 0 ? norm2 / r->simple.value : 0;
        cn__divide_est(&r->simple, norm2);
    }
    w->at = mark;
    if ((status = cn__traced(w, &h.op, &s.op, d, &r->curved)) != CN_OK || !w->base) {
        cn__no_estimate(&r->curved);
        return status;
    }
    ghg = cn__dot(isa, P, at->gradient + s.of.block.first, hg);
    if (ghg > 0)
        cn__divide_est(&r->curved, ghg);
    else {
        memset(&r->curved, 0, sizeof r->curved);
        r->curved.status = CN_E_UNSUITED;
        cn__fail(w->ctx, CN_E_UNSUITED, "noise scale: g'Hg is %g, so tr(HS)/g'Hg has no meaning", ghg);
    }
    status = cn__settle(w->ctx, "noise scale", CN_OK, &r->simple);
    if (!cn__finite(r->signal)) status = cn__fail(w->ctx, CN_E_NUMERIC, "noise scale: the signal is not finite");
    return cn__settle(w->ctx, "noise scale", status, &r->curved);
}

CN_API cn_noise_scale_result cn_noise_scale(cn_point *at, cn_block block, const cn_probe_desc *d) {
    CN__ANSWER(cn_noise_scale_result, cn_probe_desc, at, cn__noise_scale(&w, at, block, d ? d : &zero, &r));
}

static int cn__alignment(cn__ws *w, cn_point *at, cn_block block, const cn_probe_desc *d, cn_est *e) {
    cn__op_here h, c;
    cn_est square;
    cn_eval loss;
    size_t mark = w->at;
    int status;
    double denominator;
    memset(e, 0, sizeof *e);
    if ((status = cn__op_of(w->ctx, &h, at, CN_OP_HESSIAN, block)) != CN_OK ||
        (status = cn__op_of(w->ctx, &c, at, CN_OP_SECOND_MOMENT, block)) != CN_OK ||
        (status = cn__evaluate(w, at->p, at->theta, NULL, NULL, &loss)) != CN_OK)
        return status;
    w->at = mark;
    if ((status = cn__traced(w, &h.op, &h.op, d, &square)) != CN_OK) return status;
    w->at = mark;
    if ((status = cn__traced(w, &h.op, &c.op, d, e)) == CN_OK && !w->base) return CN_OK;
    denominator = 2 * loss.loss * square.value;
    if (status == CN_OK && denominator == 0)
        status = cn__fail(w->ctx, CN_E_UNSUITED, "alignment: the loss is %g, ||H||^2 %g", loss.loss, square.value);
    if (status) {
        cn__no_estimate(e); /* tr(HC) is none */
        return status;
    }
    cn__divide_est(e, denominator);
    denominator = e->value * square.error / square.value; /* relative errors add as squares */
    e->error = sqrt(e->error * e->error + denominator * denominator);
    e->exact = e->exact && square.exact;
    e->probes = CN__MAX(e->probes, square.probes);
    return cn__settle(w->ctx, "alignment", CN_OK, e);
}

CN_API cn_est cn_alignment(cn_point *at, cn_block block, const cn_probe_desc *d) {
    CN__ANSWER(cn_est, cn_probe_desc, at, cn__alignment(&w, at, block, d ? d : &zero, &r));
}

static double cn__occupied(void *delta, double lambda) {
    double denominator = lambda + *(const double *)delta;
    return denominator > 0 ? lambda / denominator : HUGE_VAL;
}

static int cn__effective_dimension(cn__ws *w, cn_op *a, double delta, const cn_probe_desc *d, cn_est *e) {
    if (!(delta > 0) || !cn__finite(delta))
        return cn__fail(w->ctx, CN_E_ARGUMENT, "effective dimension: delta %g must be above 0", delta);
    return cn__trace_of(w, "effective dimension", a, cn__occupied, &delta, d, e);
}

CN_API cn_est cn_effective_dimension(cn_op *a, double delta, const cn_probe_desc *d) {
    CN__ANSWER(cn_est, cn_probe_desc, a, cn__effective_dimension(&w, a, delta, d ? d : &zero, &r));
}

static int cn__gradient_share(cn__ws *w, cn_point *at, cn_block block, size_t top, cn_est *e) {
    cn__op_here h;
    cn_eigs_desc d;
    cn_iter it;
    size_t P, j, mark = w->at;
    int status, isa = cn__isa(w->ctx);
    double norm2, along;
    cn_real *vectors, *g;
    memset(e, 0, sizeof *e);
    memset(&d, 0, sizeof d);
    d.top = top;
    if (!top) return cn__fail(w->ctx, CN_E_ARGUMENT, "gradient share: top is 0");
    if ((status = cn__op_of(w->ctx, &h, at, CN_OP_HESSIAN, block)) != CN_OK ||
        (status = cn__point_gradient(w, at)) != CN_OK)
        return status;
    w->at = mark;
    P = h.of.block.count;
    vectors = CN__TAKE(w, cn_real, cn__times(top, P));
    mark = w->at;
    if ((status = cn__eigs(w, &h.op, &d, NULL, NULL, vectors, &it)) != CN_OK || !w->base) return status;
    g = at->gradient + h.of.block.first;
    norm2 = cn__dot(isa, P, g, g);
    if (norm2 == 0) return cn__fail(w->ctx, CN_E_UNSUITED, "gradient share: the gradient is 0");
    for (j = 0; j < top; j++) {
        along = cn__dot(isa, P, g, vectors + j * P);
        e->value += along * along / norm2;
    }
    e->probes = it.iterations;
    return cn__settle(w->ctx, "gradient share", CN_OK, e);
}

CN_API cn_est cn_gradient_share(cn_point *at, cn_block block, size_t top) {
    CN__RESULT(cn_est, at, cn__gradient_share(&w, at, block, top, &r));
}

static int cn__worst_sharpness(cn__ws *w, cn_point *at, const cn_worst_desc *d, cn_est *e) {
    cn_problem *p = at->p;
    size_t size = p->net->params + p->net->state, steps = d->steps ? d->steps : 10, i, s, mark;
    int status;
    cn_block block = d->block;
    cn_eval middle, one;
    double norm, eta = d->adaptive ? (d->eta > 0 ? d->eta : 0.01) : 0;
    cn_real *away, *g;
    memset(e, 0, sizeof *e);
    if (!(d->rho >= 0) || !cn__finite(d->rho) || !(d->eta >= 0) || !cn__finite(d->eta))
        return cn__fail(w->ctx, CN_E_ARGUMENT, "worst sharpness: rho %g or eta %g is negative or not finite", d->rho,
                        d->eta);
    if ((status = cn__resolve(w->ctx, p->net, &block)) != CN_OK) return status;
    away = CN__TAKE(w, cn_real, size);
    g = CN__TAKE(w, cn_real, size);
    mark = w->at;
    /* measuring: any gradient, for its room */
    status = cn__evaluate(w, p, at->theta, NULL, w->base ? g : at->gradient, &middle);
    if (status || !w->base) return status;
    for (s = 0; s < steps && d->rho > 0; s++) {
        for (norm = 0, i = block.first; i < block.first + block.count; i++) {
            if (d->adaptive) g[i] = (cn_real)((double)g[i] * (fabs((double)at->theta[i]) + eta));
            norm += (double)g[i] * (double)g[i];
        }
        if (norm == 0) break; /* nowhere rises */
        memcpy(away, at->theta, size * sizeof *away);
        for (i = block.first; i < block.first + block.count; i++)
            away[i] = (cn_real)((double)away[i] + d->rho * (double)g[i] / sqrt(norm) *
                                                      (d->adaptive ? fabs((double)at->theta[i]) + eta : 1));
        w->at = mark;
        if ((status = cn__evaluate(w, p, away, NULL, s + 1 < steps ? g : NULL, &one)) != CN_OK) return status;
        e->value = CN__MAX(e->value, one.loss - middle.loss);
        e->probes = s + 1;
        if ((status = cn__report(w->ctx, "worst sharpness", (double)s + 1, (double)steps, e->value, 0)) != CN_OK)
            return status;
    }
    return cn__settle(w->ctx, "worst sharpness", CN_OK, e);
}

CN_API cn_est cn_worst_sharpness(cn_point *at, const cn_worst_desc *d) {
    CN__ANSWER(cn_est, cn_worst_desc, at, cn__worst_sharpness(&w, at, d ? d : &zero, &r));
}

/* ---- comparisons of operators, from moments: exact, or means over probes */

/* Moments: traces [m], ||A||^2 [m], then for each pair a < b three numbers. Values: traces [m], ranks [m], then four.
   */
enum { CN__AB, CN__APART, CN__COMMUTATOR, CN__PAIR };
enum { CN__R, CN__S, CN__FROB2, CN__COMMUTE, CN__VALUES };
typedef struct cn__compared {
    size_t m, pairs;
    cn_op *const *op;
    const cn_comparison *out;
    int written, undefined;
} cn__compared;

static size_t cn__moments(const cn__compared *q) { return 2 * q->m + CN__PAIR * q->pairs; }
static size_t cn__values(const cn__compared *q) { return 2 * q->m + CN__VALUES * q->pairs; }

static void cn__compare_values(const cn__compared *q, const double *moment, double *value) {
    const double *square = moment + q->m, *pair = square + q->m;
    double *v = value + 2 * q->m, norms;
    size_t a, b;
    for (a = 0; a < q->m; a++) {
        value[a] = moment[a];
        value[q->m + a] = square[a] > 0 ? moment[a] * moment[a] / square[a] : 0;
    }
    for (a = 0; a < q->m; a++)
        for (b = a + 1; b < q->m; b++, pair += CN__PAIR, v += CN__VALUES) {
            norms = sqrt(CN__MAX(square[a], 0)) * sqrt(CN__MAX(square[b], 0)); /* without a probe they may be 0 */
            v[CN__R] = moment[b] != 0 ? moment[a] / moment[b] : 0;
            v[CN__S] = norms > 0 ? pair[CN__AB] / norms : 0;
            v[CN__FROB2] = pair[CN__APART];
            v[CN__COMMUTE] = norms > 0 ? sqrt(CN__MAX(pair[CN__COMMUTATOR], 0)) / (2 * norms) : 0;
        }
}

/* Where value number i goes; NULL: not wanted. pair: the operators it is of, both the same for one's own. */
static cn_est *cn__compare_place(const cn__compared *q, size_t i, size_t pair[2], int *which) {
    const cn_comparison *out = q->out;
    size_t m = q->m, rest;
    cn_est *array;
    *which = -1;
    pair[0] = pair[1] = i % m;
    if (i < m) return out->trace ? out->trace + i : NULL;
    if (i < 2 * m) return out->rank ? out->rank + i - m : NULL;
    rest = (i - 2 * m) / CN__VALUES;
    *which = (int)((i - 2 * m) % CN__VALUES);
    for (pair[0] = 0; rest >= m - 1 - pair[0]; pair[0]++) rest -= m - 1 - pair[0];
    pair[1] = pair[0] + 1 + rest;
    array = *which == CN__R ? out->r : *which == CN__S ? out->s : *which == CN__FROB2 ? out->frob2 : out->commutator;
    return array ? array + pair[0] * m + pair[1] : NULL;
}

/* Writes what is wanted from the mean moments and, with n >= 2 probes' own in `probe`, jackknife errors. *enough: is
   rel_error reached? room: two of moments, two of values, and values of cn__mean. */
static int cn__compare_write(cn__ws *w, cn__compared *q, const double *moment, size_t n, const double *probe,
                             const cn_probe_desc *d, double *room, cn__mean *without, int *enough) {
    size_t moments = cn__moments(q), values = cn__values(q), i, j;
    const double *square = moment + q->m;
    double *left = room, *value = left + moments, *one = value + values;
    int which, defined, status = CN_OK;
    size_t pair[2];
    cn_est *e;
    *enough = 1;
    for (j = 0; j < moments; j++)
        if (!cn__finite(moment[j]))
            return cn__fail(w->ctx, CN_E_NUMERIC, "comparison: the operators' products are not finite");
    cn__compare_values(q, moment, value);
    q->written = 1;
    memset(without, 0, values * sizeof *without);
    for (i = 0; n > 1 && i < n; i++) {
        for (j = 0; j < moments; j++) left[j] = ((double)n * moment[j] - probe[i * moments + j]) / ((double)n - 1);
        cn__compare_values(q, left, one);
        for (j = 0; j < values; j++) cn__mean_add(without + j, one[j]);
    }
    for (i = 0; i < values; i++) {
        if (!(e = cn__compare_place(q, i, pair, &which))) continue;
        defined = i < q->m || which == CN__FROB2 ? 1
                  : which == CN__R               ? moment[pair[1]] != 0
                                                 : square[pair[0]] > 0 && square[pair[1]] > 0;
        e->value = value[i];
        e->error = n > 1 && defined ? cn__jackknife_error(without + i) : n ? fabs(value[i]) : 0;
        e->probes = n;
        e->exact = !n && defined;
        e->status = defined ? CN_OK : CN_E_UNSUITED;
        e->convention = q->op[0]->info.convention;
        status = cn__settle(w->ctx, "comparison", status, e);
        if (which != CN__FROB2) *enough &= cn__enough(d, n, e->value, e->error);
    }
    return status;
}

static double cn__apart(size_t n, const cn_real *x, const cn_real *y) /* ||x - y||^2 */
{
    double sum = 0, d;
    size_t i;
    for (i = 0; i < n; i++) {
        d = (double)x[i] - (double)y[i];
        sum += d * d;
    }
    return sum;
}

/* ||M - M'||^2, tile by tile: columns are far apart in memory. */
static double cn__skew(size_t n, const cn_real *m) {
    enum { TILE = 32 };
    double sum = 0, d;
    size_t i, j, first, from;
    for (first = 0; first < n; first += TILE)
        for (from = 0; from <= first; from += TILE)
            for (i = first; i < CN__MIN(first + TILE, n); i++)
                for (j = from; j < CN__MIN(from + TILE, i); j++) {
                    d = (double)m[i * n + j] - (double)m[j * n + i];
                    sum += 2 * d * d;
                }
    return sum;
}

static int cn__compare_exact(cn__ws *w, const cn__compared *q, double *moment) {
    size_t n = q->op[0]->info.size, m = q->m, strip = CN__MIN(n, 1024), i, k, a, b, mark;
    int status, isa = cn__isa(w->ctx), commutators = q->out->commutator != NULL;
    double *pair;
    cn_real *x, *xy, *pack;
    if (cn__overflows(n, n)) return cn__fail(w->ctx, CN_E_SIZE, "comparison: dense matrices of size %z overflow", n);
    x = CN__TAKE(w, cn_real, cn__times(m, n * n));
    xy = commutators ? CN__TAKE(w, cn_real, n * n) : NULL;
    pack = commutators ? CN__TAKE(w, cn_real, cn__gemm_pack(strip, n, n)) : NULL;
    mark = w->at;
    for (a = 0; a < m; a++, w->at = mark)
        if ((status = cn__op_dense(w, q->op[a], w->base ? x + a * n * n : NULL)) != CN_OK) return status;
    if (!w->base) return CN_OK;
    pair = moment + 2 * m;
    for (a = 0; a < m; a++) {
        const cn_real *left = x + a * n * n;
        moment[m + a] = cn__dot(isa, n * n, left, left);
        for (i = 0; i < n; i++) moment[a] += (double)left[i * n + i];
        for (b = a + 1; b < m; b++, pair += CN__PAIR) {
            const cn_real *right = x + b * n * n;
            for (i = 0; i < n; i += k) { /* rows of AB, a strip at a time; BA is their transpose */
                k = CN__MIN(strip, n - i);
                if (commutators) cn__gemm(isa, k, n, n, 1, left + i * n, n, 1, right, n, 1, 0, xy + i * n, n, 1, pack);
                pair[CN__APART] += cn__apart(k * n, left + i * n, right + i * n);
                pair[CN__AB] += cn__dot(isa, k * n, left + i * n, right + i * n);
                status = cn__report(w->ctx, "comparison", (double)(i + k), (double)n, 0, 0);
                if (status) return status;
            }
            if (commutators) pair[CN__COMMUTATOR] = cn__skew(n, xy);
        }
    }
    return CN_OK;
}

static int cn__compare_sampled(cn__ws *w, cn__compared *q, const cn_probe_desc *d, double *moment, double *room,
                               cn__mean *without) {
    size_t n = q->op[0]->info.size, m = q->m, most = d->probes ? d->probes : 100, moments = cn__moments(q),
           group = CN__MIN(most, (size_t)CN__GROUP), wide = cn__times(group, n), done = 0, a, b, i, j, k;
    int status, enough, isa = cn__isa(w->ctx), commutators = q->out->commutator != NULL;
    cn_real *z = CN__TAKE(w, cn_real, wide), *y = CN__TAKE(w, cn_real, cn__times(m, wide)),
            *ab = commutators ? CN__TAKE(w, cn_real, wide) : NULL,
            *ba = commutators ? CN__TAKE(w, cn_real, wide) : NULL;
    double *probe = CN__TAKE(w, double, cn__times(most, moments)), *one;
    while (done < most) {
        k = CN__MIN(group, most - done);
        for (j = 0; w->base && j < k; j++) cn__probe(d, CN_FOR_PROBES, done + j, n, z + j * n);
        for (a = 0; a < m; a++)
            if ((status = cn__run(w, q->op[a], k, z, w->base ? y + a * wide : NULL)) != CN_OK) return status;
        one = w->base ? probe + done * moments : NULL;
        for (a = 0; w->base && a < m; a++)
            for (j = 0; j < k; j++) {
                const cn_real *left = y + a * wide + j * n;
                one[j * moments + a] = cn__dot(isa, n, z + j * n, left);
                one[j * moments + m + a] = cn__dot(isa, n, left, left);
            }
        for (i = 2 * m, a = 0; a < m; a++)
            for (b = a + 1; b < m; b++, i += CN__PAIR) {
                const cn_real *left = w->base ? y + a * wide : NULL, *right = w->base ? y + b * wide : NULL;
                if (commutators && ((status = cn__run(w, q->op[a], k, right, ab)) != CN_OK ||
                                    (status = cn__run(w, q->op[b], k, left, ba)) != CN_OK))
                    return status;
                for (j = 0; w->base && j < k; j++) {
                    double *pair = one + j * moments + i;
                    pair[CN__AB] = cn__dot(isa, n, left + j * n, right + j * n);
                    pair[CN__APART] = cn__apart(n, left + j * n, right + j * n);
                    pair[CN__COMMUTATOR] = commutators ? cn__apart(n, ab + j * n, ba + j * n) : 0;
                }
            }
        if (!w->base) return CN_OK;
        done += k;
        for (i = 0; i < moments; i++) {
            for (moment[i] = 0, j = 0; j < done; j++) moment[i] += probe[j * moments + i];
            moment[i] /= (double)done;
        }
        if ((status = cn__compare_write(w, q, moment, done, probe, d, room, without, &enough)) != CN_OK) return status;
        if (enough) break;
        if ((status = cn__report(w->ctx, "comparison", (double)done, (double)most, 0, 0)) != CN_OK) return status;
    }
    return CN_OK;
}

/* Where AUTO drew probes: traces, and ratios of these, by closed forms that cost no products. */
static int cn__compare_traces(cn__ws *w, const cn__compared *q, const cn_probe_desc *d, double *moment) {
    size_t m = q->m, a, b, mark = w->at;
    int status, closed;
    cn_est t;
    for (a = 0; a < m; a++) {
        if (!q->op[a]->trace || q->op[a]->trace_products) continue;
        if ((status = cn__trace(w, q->op[a], d, &t)) != CN_OK) return status;
        w->at = mark;
        if (!w->base) continue;
        moment[a] = t.value;
        if (q->out->trace) q->out->trace[a] = t;
    }
    for (a = 0; w->base && q->out->r && a < m; a++)
        for (b = a + 1; b < m; b++) {
            cn_est *e = q->out->r + a * m + b;
            closed = q->op[a]->trace && q->op[b]->trace && !q->op[a]->trace_products && !q->op[b]->trace_products;
            if (!closed) continue;
            memset(e, 0, sizeof *e);
            e->convention = q->op[0]->info.convention;
            e->status = moment[b] == 0 ? CN_E_UNSUITED : CN_OK;
            e->exact = !e->status;
            if (e->exact) e->value = moment[a] / moment[b];
            if ((status = cn__settle(w->ctx, "comparison: r", CN_OK, e)) != CN_OK) return status;
        }
    return CN_OK;
}

static int cn__compare(cn__ws *w, cn__compared *q, const cn_probe_desc *d) {
    size_t m = q->m, n = q->op[0]->info.size, a, products = 0, values = cn__values(q), moments = cn__moments(q), mark,
           pair[2];
    int status, enough, which;
    double *moment, *room;
    cn__mean *without;
    cn_est *e;
    for (a = 0; a < m; a++) {
        if (q->op[a]->info.size != n)
            return cn__fail(w->ctx, CN_E_SHAPE, "comparison: operators of sizes %z and %z", n, q->op[a]->info.size);
        if (!q->op[a]->info.symmetric)
            return cn__fail(w->ctx, CN_E_UNSUITED, "comparison: operator %z is not symmetric", a);
        products = CN__MAX(products, cn__dense_products(q->op[a]));
    }
    if ((status = cn__check_probes(w->ctx, "comparison", d, (2u << CN_METHOD_HUTCHINSON) - 1)) != CN_OK) return status;
    moment = CN__TAKE(w, double, moments);
    room = CN__TAKE(w, double, moments + 2 * values);
    without = CN__TAKE(w, cn__mean, values);
    if (w->base) memset(moment, 0, moments * sizeof *moment);
    mark = w->at;
    if (d->method == CN_METHOD_EXACT ||
        (d->method == CN_METHOD_AUTO && n <= CN__MOST_DENSE && cn__affords(d, products))) {
        if ((status = cn__compare_exact(w, q, moment)) != CN_OK || !w->base ||
            (status = cn__compare_write(w, q, moment, 0, NULL, d, room, without, &enough)) != CN_OK)
            return status;
    } else {
        if ((status = cn__compare_sampled(w, q, d, moment, room, without)) != CN_OK) return status;
        w->at = mark;
        if (d->method == CN_METHOD_AUTO && (status = cn__compare_traces(w, q, d, moment)) != CN_OK) return status;
    }
    for (a = 0; w->base && a < values && !q->undefined; a++) {
        e = cn__compare_place(q, a, pair, &which);
        if (!e || !e->status) continue;
        q->undefined = 1; /* an answer: the others are there */
        cn__fail(w->ctx, CN_E_UNSUITED, "comparison: %s of operators %z and %z is not defined: %s is 0",
                 which == CN__R   ? "r"
                 : which == CN__S ? "s"
                 : which < 0      ? "the effective rank"
                                  : "the commutator",
                 pair[0], pair[1],
                 which == CN__R            ? "the trace of the second"
                 : moment[m + pair[0]] > 0 ? "the norm of the second"
                                           : "the norm of the first");
    }
    return CN_OK;
}

CN_API int cn_compare(size_t m, cn_op *const *op, const cn_probe_desc *d, const cn_comparison *out) {
    cn__ws w;
    cn__compared q;
    cn_probe_desc zero;
    cn_est *e;
    size_t i, pair[2];
    int status, which;
    memset(&zero, 0, sizeof zero);
    memset(&q, 0, sizeof q);
    if (!op || !m) return CN_E_ARGUMENT;
    for (i = 0; i < m; i++)
        if (!op[i]) return CN_E_ARGUMENT;
    if (!out) return cn__fail(op[0]->ctx, CN_E_ARGUMENT, "comparison: out is missing");
    if (m > 64) return cn__fail(op[0]->ctx, CN_E_ARGUMENT, "comparison: at most 64 operators, not %z", m);
    q.m = m;
    q.pairs = m * (m - 1) / 2;
    q.op = op;
    q.out = out;
    CN__CALL(w, op[0]->ctx, status, cn__compare(&w, &q, d ? d : &zero));
    for (i = 0; status && q.written && i < cn__values(&q); i++) /* what a cancelled call has finished stays */
        if ((e = cn__compare_place(&q, i, pair, &which)) != NULL) e->status = status;
    return status ? status : q.undefined ? CN_E_UNSUITED : CN_OK;
}

CN_API cn_similarity_result cn_similarity(cn_op *a, cn_op *b, const cn_probe_desc *d) {
    cn_similarity_result result;
    cn_est r[4], s[4], frob2[4];
    cn_op *op[2];
    cn_comparison out = {NULL, NULL, NULL, NULL, NULL, NULL};
    int status = CN_E_ARGUMENT;
    memset(r, 0, sizeof r);
    memset(s, 0, sizeof s);
    memset(frob2, 0, sizeof frob2);
    r[1].status = -1; /* not written */
    op[0] = a;
    op[1] = b;
    out.r = r;
    out.s = s;
    out.frob2 = frob2;
    if (a && b) status = cn_compare(2, op, d, &out);
    if (r[1].status < 0) r[1].status = s[1].status = frob2[1].status = status;
    result.r = r[1];
    result.s = s[1];
    result.frob2 = frob2[1];
    result.status = r[1].status ? r[1].status : s[1].status;
    return result;
}

CN_API cn_est cn_commutator(cn_op *a, cn_op *b, const cn_probe_desc *d) {
    cn_est e[4];
    cn_op *op[2];
    cn_comparison out = {NULL, NULL, NULL, NULL, NULL, NULL};
    int status = CN_E_ARGUMENT;
    memset(e, 0, sizeof e);
    e[1].status = -1; /* not written */
    op[0] = a;
    op[1] = b;
    out.commutator = e;
    if (a && b) status = cn_compare(2, op, d, &out);
    if (e[1].status < 0) e[1].status = status;
    return e[1];
}

/* ---- sensitivity to the input */

typedef struct cn__sensing {
    int form, isa;
} cn__sensing;

/* ||(diag p - p p') A||_F^2 for A = df/dx [K][M] and p = softmax(f), column by column */
static double cn__probability_norm2(const cn_view *v, size_t i, int isa, double *room) {
    size_t K = v->outputs, M = v->inputs, a, j, most;
    const cn_real *rows = v->x_jacobian + i * K * M;
    cn_real *p = (cn_real *)(void *)room, *column = p + K;
    double sum = 0;
    cn__softmax(K, v->f + i * K, p, &most);
    for (j = 0; j < M; j++) {
        for (a = 0; a < K; a++) column[a] = rows[a * M + j];
        cn__softmax_product(K, p, column, column);
        sum += cn__dot(isa, K, column, column);
    }
    return sum;
}

static int cn__add_sensitivity(void *user, const cn_view *v, double *sum, double *room) {
    const cn__sensing *s = (const cn__sensing *)user;
    size_t M = v->inputs, wide = v->outputs * M, i;
    const cn_real *rows = v->x_jacobian, *g = v->x_gradient;
    for (i = 0; i < v->n; i++) {
        if (s->form == CN_SENSITIVITY_LOSS)
            sum[0] += cn__dot(s->isa, M, g + i * M, g + i * M);
        else if (s->form == CN_SENSITIVITY_LOGITS)
            sum[0] += sqrt(cn__dot(s->isa, wide, rows + i * wide, rows + i * wide));
        else
            sum[0] += sqrt(cn__probability_norm2(v, i, s->isa, room));
    }
    return CN_OK;
}

static int cn__sensitivity(cn__ws *w, cn_point *at, int form, cn_est *e) {
    cn__visitor v;
    cn_visit_desc d;
    cn__sensing s;
    int status;
    memset(e, 0, sizeof *e);
    if (form < CN_SENSITIVITY_LOGITS || form > CN_SENSITIVITY_LOSS)
        return cn__fail(w->ctx, CN_E_ARGUMENT, "sensitivity: %d is not a form", form);
    s.form = form;
    s.isa = cn__isa(w->ctx);
    cn__start_visit(&v, &d, form == CN_SENSITIVITY_LOSS ? CN_WANT_X_GRADIENT : CN_WANT_X_JACOBIAN, cn__add_sensitivity,
                    &s);
    v.room = 2 * at->p->net->outputs / at->p->chunk + 1;
    v.sums = 1;
    v.values = &e->value;
    status = cn__visit(w, at, &v);
    e->exact = status == CN_OK;
    return cn__settle(w->ctx, "sensitivity", status, e);
}

CN_API cn_est cn_sensitivity(cn_point *at, int form) { CN__RESULT(cn_est, at, cn__sensitivity(&w, at, form, &r)); }

/* ---- the MLS family: from K backward passes come M = df/dz of every layer, and from it all that is known of df/dx^l =
   M W. With W = L Q, Q's rows orthonormal, M W has the singular values of M L, which is as narrow as z. */

typedef struct cn__mls_plan { /* of a dense or conv layer */
    const cn__node *node;
    size_t width;         /* of the rows with df/dx^l's singular values */
    const cn_real *right; /* what makes them of M: L or W, [out][width]; NULL: of conv, by its backward */
    int shared;           /* others take x^l too, and they count */
    double norm;
} cn__mls_plan;

typedef struct cn__mls_sums { /* over samples; of a layer (the first ones as in cn_mls_layer), or of df/dx */
    double mls, volume, ratio, signal, jacobian2, inverse2, mls_power, ratio_power, jacobian_power, adaptive;
    double frobenius_k, inverse_k, zeros, beyond, normalized, dim, log_volume, deficient;
} cn__mls_sums;
typedef struct cn__mls_all { /* and of the network */
    double squares, adaptive, invariant;
    cn__mls_sums whole; /* those of the layers follow */
} cn__mls_all;
enum { CN__MLS_SUMS = sizeof(cn__mls_sums) / sizeof(double), CN__ALL_SUMS = sizeof(cn__mls_all) / sizeof(double) };
#define CN__MLS_OF_LAYERS (CN_MLS_LAYERS | CN_MLS_VOLUMES | CN_MLS_BOUNDS)

typedef struct cn__mls_scope {
    const cn_mls_desc *d;
    unsigned want;
    size_t layers;
    int first, form_x; /* the first layer's df/dx^l is df/dx; df/dx is formed */
    cn__mls_plan *plan;
    const cn_real *squares; /* theta^2 */
    double *least;          /* [lanes][layers]: min ||x^l||^2 */
    cn_ctx *ctx;
    double power;
} cn__mls_scope;

/* Of a chunk's samples, in doubles: ||x^l||^2, ||df/dW||^2, ||df/dz||^2, and room for Gram matrices */
typedef struct cn__mls_room {
    double *x, *w, *m, *gram;
} cn__mls_room;

static int cn__is_weight(const cn__node *node) /* of a dense or conv layer */
{
    return node->has_affine && !node->item.state && (cn__plain_dense(node) || node->row->unfold);
}

static size_t cn__takers(const cn_net *net, size_t from) /* nodes that take its output, or the data */
{
    size_t i, takers = 0;
    for (i = 0; i < net->count; i++)
        takers += net->node[i].from == from || (!net->node[i].row && net->node[i].also == from);
    return takers;
}

/* Is this dense layer the only one to take the data, through nothing that changes them? */
static int cn__takes_data_alone(const cn_net *net, const cn__node *node) {
    int alone = cn__plain_dense(node) && cn__takers(net, node->from) == 1;
    for (; alone && node->from != CN_INPUT; alone = cn__takers(net, node->from) == 1) {
        node = net->node + node->from;
        if (!node->row || (node->row->forward != cn__flatten_forward && node->row->forward != cn__dropout_forward))
            return 0;
    }
    return alone;
}

static double cn__power(double x, double k) { return k == 2 ? x * x : pow(x, k); }
/* samples whose Grams are held at a time */
static size_t cn__mls_group(size_t K, size_t n) { return K <= 64 ? n : CN__MIN(n, 4); }

/* Adds what sample j's K eigenvalues of AA' (descending), their sum and sum of squares say, and for a layer's bounds
   (plan not NULL) what its norms do. */
static void cn__mls_sample(const cn__mls_scope *s, size_t K, const cn__mls_plan *plan, const cn__mls_room *room,
                           size_t j, const double *value, double trace, double squares, cn__mls_sums *sum) {
    double top = CN__MAX(value[0], 0), norm = sqrt(top), line = top * (CN__DOUBLE ? 1e-14 : 1e-11) * (double)K,
           x2 = room->x[j], w2 = room->w[j], m = sqrt(room->m[j]), log_v = 0, product = 1, ratio;
    size_t rank = 0;
    sum->mls += norm;
    sum->normalized += x2 * top;
    sum->dim += squares > 0 ? trace * trace / squares : 0;
    for (; (s->want & CN_MLS_VOLUMES) && rank < K && value[rank] > line; rank++) {
        product *= value[rank];
        if (product > 1e-200 && product < 1e200) continue;
        log_v += 0.5 * log(product); /* few of them */
        product = 1;
    }
    log_v += 0.5 * log(product);
    sum->log_volume += log_v;
    sum->deficient += rank < K;
    sum->volume += rank == K || (rank && s->d->nonzero) ? exp(log_v) : 0;
    if (!plan) return;
    ratio = plan->right ? m : x2 > 0 ? sqrt(w2 / x2) : 0;
    sum->ratio += ratio;
    sum->signal += m;
    sum->jacobian2 += w2;
    sum->inverse2 += x2 > 0 ? 1 / x2 : 0;
    sum->mls_power += cn__power(norm, s->power);
    sum->ratio_power += cn__power(ratio, s->power);
    sum->jacobian_power += cn__power(sqrt(w2), s->power);
    sum->beyond += norm > (1 + 1e3 * CN__EPS) * plan->norm * ratio;
    sum->zeros += !(x2 > 0);
    if (!(s->want & CN_MLS_VOLUMES)) return;
    sum->frobenius_k += pow(trace / (double)K, 0.5 * (double)K);
    sum->inverse_k += x2 > 0 ? pow(plan->norm * plan->norm / x2, (double)K) : 0;
}

/* Of n samples: rows [n][K][width] with the singular values of df/dx^l, or [1] where all have the same. A status. */
static int cn__mls_add(const cn__mls_scope *s, const cn__pass *p, size_t n, int same, const cn__mls_plan *plan,
                       size_t width, const cn_real *rows, const cn__mls_room *room, cn__mls_sums *sum) {
    size_t K = p->ask.p->net->outputs, group = cn__mls_group(K, n), first, m, i, j, a, b;
    double *value = room->gram + group * K * K, *trace = value + group * K, *squares = trace + group, *g = room->gram;
    cn__ws w;
    for (first = 0; first < (same ? 1 : n); first += m) {
        m = same ? 1 : CN__MIN(group, n - first);
        for (g = room->gram, i = 0; i < m; i++, rows += K * width, g += K * K)
            for (trace[i] = squares[i] = 0, a = 0; a < K; trace[i] += g[a * K + a], a++)
                for (b = 0; b <= a; b++) {
                    g[a * K + b] = cn__dot(p->geo.isa, width, rows + a * width, rows + b * width);
                    squares[i] += (a == b ? 1 : 2) * g[a * K + b] * g[a * K + b];
                }
        memset(&w, 0, sizeof w);
        w.ctx = s->ctx;
        cn__eigen_small(&w, p->geo.isa, m, K, NULL, NULL, NULL);
        w.room = w.peak;
        w.base = (unsigned char *)(squares + group);
        w.base += CN__ALIGN - (size_t)((uintptr_t)w.base % CN__ALIGN);
        if (cn__eigen_small(&w, p->geo.isa, m, K, room->gram, value, NULL)) return CN_E_NUMERIC;
        for (j = first; j < (same ? n : first + m); j++) {
            i = same ? 0 : j - first;
            cn__mls_sample(s, K, s->want & CN_MLS_BOUNDS ? plan : NULL, room, j, value + i * K, trace[i], squares[i],
                           sum);
        }
    }
    return CN_OK;
}

/* Squared norms of a node's x, df/dW and df/dz for each sample, what they add to S and to adaptive sharpness, and the
   weight's part of that. */
static void cn__mls_norms(const cn__mls_scope *s, const cn__pass *p, const cn__chunk *c, cn__work *w, size_t number,
                          const cn__mls_room *room, cn__mls_all *all, double *adaptive) {
    const cn__node *node = p->ask.p->net->node + number;
    size_t K = p->ask.k, in = node->in, out = node->out, params = node->item.params,
           weights = node->has_affine ? node->affine.rows * node->affine.cols : params, r, j, a;
    const cn_real *signal = w->gy_t + cn__offset(p, K, number), *squares = s->squares + node->theta;
    cn_io io = cn__io(p, c, w, &p->route, number);
    cn_real *a2 = w->extra, *v = a2 + c->n * in, *g = w->gtheta, *d = w->scratch;
    int plain = cn__plain_dense(node), isa = p->geo.isa, adapt = (s->want & CN_MLS_ADAPTIVE) != 0,
        form = adapt || (s->want & (CN_MLS_SHARPNESS | CN_MLS_BOUNDS));
    double part[2], d2;
    if (plain && adapt) { /* v = W^2 x^2: the sum over its weights is d . v, d that of df/dz^2 over outputs */
        for (r = 0; r < c->n * in; r++) a2[r] = io.x[r] * io.x[r];
        cn__gemm(isa, c->n, out, in, 1, a2, in, 1, squares, 1, in, 0, v, out, 1, w->pack);
    }
    for (r = 0; r < c->n; r++, signal += K * out, v += out, cn__next_sample(node, &io)) {
        room->x[r] = cn__dot(isa, in, io.x, io.x);
        room->m[r] = cn__dot(isa, K * out, signal, signal);
        room->w[r] = plain ? room->m[r] * room->x[r] : 0;
        if (plain) all->squares += room->w[r] + (node->affine.bias ? room->m[r] : 0);
        if (plain && adapt) {
            memset(d, 0, out * sizeof *d);
            for (j = 0; j < K * out; j += out)
                for (a = 0; a < out; a++) d[a] += signal[j + a] * signal[j + a];
            *adaptive += d2 = cn__dot(isa, out, d, v);
            all->adaptive += d2 + (node->affine.bias ? cn__dot(isa, out, d, squares + weights) : 0);
        }
        for (j = 0; !plain && form && j < K; j++) {
            cn__sample_gradient(node, io, j == 0, signal + j * out, g);
            room->w[r] += d2 = cn__dot(isa, weights, g, g);
            all->squares += d2 + (params > weights ? cn__dot(isa, params - weights, g + weights, g + weights) : 0);
            part[0] = part[1] = 0;
            for (a = 0; adapt && a < params; a++)
                part[a >= weights] += (double)squares[a] * (double)g[a] * (double)g[a];
            *adaptive += part[0];
            all->adaptive += part[0] + part[1];
        }
    }
}

/* Rows [n][K][width] with the singular values of df/dx^l. */
static const cn_real *cn__mls_rows(const cn__pass *p, const cn__chunk *c, cn__work *w, const cn__mls_plan *plan,
                                   size_t n) {
    const cn__node *node = plan->node;
    size_t K = p->ask.k, i = (size_t)(node - p->ask.p->net->node);
    const cn_real *signal = w->gy_t + cn__offset(p, K, i);
    cn_io back;
    if (plan->shared && node->from == CN_INPUT) return w->gx;
    if (plan->shared) { /* signals anew, which stop where x^l is: above they are the same */
        cn__route r = cn__route_from(p->ask.p->net, node->from, K, w->live);
        cn__row_signals(p, c, w);
        cn__reverse(p, c, w, &r, w->gy_t, NULL, NULL, 0);
        return w->gy_t + cn__offset(p, K, node->from);
    }
    if (plan->right) {
        cn__gemm(p->geo.isa, n * K, plan->width, node->out, 1, signal, node->out, 1, plan->right, plan->width, 1, 0,
                 w->extra, plan->width, 1, w->pack);
        return w->extra;
    }
    back = cn__io(p, c, w, &p->route, i);
    back.gy = signal;
    back.gx = w->extra;
    node->row->backward(&back);
    return w->extra;
}

static void cn__chunk_mls(const cn__pass *p, const cn__chunk *c, cn__work *w, cn__lane *lane) {
    const cn__mls_scope *s = (const cn__mls_scope *)p->ask.user;
    const cn_net *net = p->ask.p->net;
    size_t K = net->outputs, M = net->inputs, i, r, l = 0, n = p->geo.chunk;
    double *least = s->least + (size_t)(lane - p->lane) * s->layers;
    cn__mls_all *all = (cn__mls_all *)(void *)lane->sum;
    int of_layers = (s->want & CN__MLS_OF_LAYERS) != 0, same;
    const cn__mls_plan *plan = s->plan;
    const cn__mls_room room = {w->numbers, w->numbers + n, w->numbers + 2 * n, w->numbers + 3 * n};
    cn__row_signals(p, c, w);
    cn__reverse(p, c, w, &p->route, w->gy_t, NULL, s->form_x ? w->gx : NULL, 0);
    for (i = 0; s->form_x && i < c->n; i++) {
        const cn_real *x = c->x + i * M, *row = w->gx + i * K * M;
        room.x[i] = cn__dot(p->geo.isa, M, x, x);
        room.w[i] = room.m[i] = 0;
        for (r = 0; (s->want & CN_MLS_INVARIANT) && r < K * M; r += M) {
            for (l = 0; l < M; l++) w->extra[l] = row[r + l] * x[l];
            all->invariant += cn__dot(p->geo.isa, M, w->extra, w->extra);
        }
    }
    l = 0;
    if (s->form_x && !s->first && (s->want & (CN_MLS_INPUT | CN_MLS_VOLUMES)))
        lane->status = cn__mls_add(s, p, c->n, 0, NULL, M, w->gx, &room, &all->whole);
    for (i = 0; s->want != CN_MLS_INVARIANT && i < net->count && !lane->status; i++) {
        const cn__node *node = net->node + i;
        int weight = cn__is_weight(node);
        cn__mls_sums *sum = &all->whole + (weight ? l + 1 : 0);
        if (!node->row || !node->item.params) continue;
        cn__mls_norms(s, p, c, w, i, &room, all, &sum->adaptive);
        if (!weight) continue;
        for (r = 0; r < c->n; r++) least[l] = CN__MIN(least[l], room.x[r]);
        plan = s->plan + l++;
        if (!of_layers && !(s->first && l == 1 && (s->want & CN_MLS_INPUT))) continue;
        same = i + 1 == net->count && plan->right && !plan->shared; /* df/dz = I */
        lane->status =
            cn__mls_add(s, p, c->n, same, plan, plan->width, cn__mls_rows(p, c, w, plan, same ? 1 : c->n), &room, sum);
    }
}

/* ||T||_2 of an item's linear map */
static int cn__item_norm(cn__ws *w, cn_point *at, size_t item, double *norm) {
    cn_op op;
    cn__item_map map;
    cn_eigs_desc e;
    cn_iter it;
    size_t mark = w->at;
    double value = 0;
    int status;
    memset(&e, 0, sizeof e);
    cn__start_item(&op, &map, at, item, at->p->net->node[item].in);
    status = cn__eigs(w, &op, &e, &value, NULL, NULL, &it);
    w->at = mark;
    *norm = sqrt(CN__MAX(value, 0));
    if (status == CN_OK && w->base && !it.converged)
        return cn__fail(w->ctx, CN_E_NUMERIC, "MLS: the norm of item %s does not converge; its residual is %g",
                        at->p->net->node[item].name, it.residual);
    return status;
}

/* Fills in the plan of a layer: its norm, and what makes df/dx^l's singular values of df/dz. */
static int cn__mls_layer(cn__ws *w, cn_point *at, size_t item, const cn__mls_scope *s, cn__mls_plan *plan) {
    const cn__node *node = at->p->net->node + item;
    size_t in = node->in, out = node->out, mark;
    cn_real *copy, *triangle;
    int status;
    memset(plan, 0, sizeof *plan);
    plan->node = node;
    plan->width = in;
    plan->shared = s->d->total && cn__takers(at->p->net, node->from) > 1;
    if ((s->want & CN_MLS_BOUNDS) && (status = cn__item_norm(w, at, item, &plan->norm)) != CN_OK) return status;
    if (cn__plain_dense(node)) plan->right = at->theta + node->theta;
    if (!plan->right || out >= in) return CN_OK;
    plan->width = out;
    triangle = CN__TAKE(w, cn_real, cn__times(out, out));
    mark = w->at;
    copy = CN__TAKE(w, cn_real, out * in);
    if (w->base) memcpy(copy, plan->right, out * in * sizeof *copy);
    plan->right = triangle;
    status = cn__orthonormal_rows(w, out, in, copy, triangle, NULL);
    w->at = mark;
    return status;
}

static void cn__mls_result_of(const cn__mls_scope *s, cn_point *at, const cn__mls_all *mean, cn_mls_result *r) {
    const cn__mls_sums *sum = &mean->whole + 1, *whole = s->first ? sum : &mean->whole;
    double n = (double)at->p->n;
    size_t i, j;
    r->layers = s->layers;
    if (s->want & CN_MLS_INPUT) {
        r->mls = whole->mls;
        r->normalized = whole->normalized;
        r->local_dim = whole->dim;
    }
    if (s->want & CN_MLS_VOLUMES) {
        r->volume = whole->volume;
        r->deficient = (size_t)(whole->deficient * n + 0.5);
        r->log_volume = r->deficient && !s->d->nonzero ? 0 : whole->log_volume;
    }
    r->input_invariant = mean->invariant;
    if (s->first) r->invariant_bound = r->input_invariant / (double)s->plan[0].node->out;
    if (s->want & (CN_MLS_SHARPNESS | CN_MLS_BOUNDS)) r->sharpness = mean->squares;
    r->adaptive = mean->adaptive;
    for (i = 0; i < s->layers; i++, sum++) {
        const cn__node *node = s->plan[i].node;
        const cn_real *weight = at->theta + node->theta;
        cn_mls_layer l;
        memset(&l, 0, sizeof l);
        memcpy(l.name, node->name, sizeof l.name);
        l.item = (size_t)(node - at->p->net->node);
        l.norm = s->plan[i].norm;
        l.frobenius = cn__norm(cn__isa(s->ctx), node->affine.rows * node->affine.cols, weight);
        for (l.least = 1e300, j = i; j < at->p->lanes * s->layers; j += s->layers)
            l.least = CN__MIN(l.least, s->least[j]);
        l.least = l.least < 1e300 ? sqrt(l.least) : 0;
        memcpy(&l.mls, sum, 12 * sizeof(double)); /* mls .. inverse_k */
        l.zeros = (size_t)(sum->zeros * n + 0.5);
        l.beyond = (size_t)(sum->beyond * n + 0.5);
        if (i < s->d->room && s->d->layers) s->d->layers[i] = l;
        if (s->want & (CN_MLS_LAYERS | CN_MLS_BOUNDS)) r->nmls += l.mls;
        if (s->want & CN_MLS_VOLUMES) r->network_volume += l.volume;
        r->zeros += l.zeros;
        r->nmls_bound += l.norm * l.norm * l.inverse2;
        if (i || !(s->want & CN_MLS_BOUNDS)) continue;
        r->bound_a = l.mls;
        r->bound_b = l.norm * l.ratio;
        r->bound_c = l.zeros ? 0 : l.norm * sqrt(l.inverse2 * l.jacobian2);
        r->bound_d = l.zeros ? 0 : l.norm * sqrt(l.inverse2 * r->sharpness);
    }
    r->nmls_bound = r->zeros ? 0 : sqrt(r->nmls_bound * r->sharpness);
}

static int cn__mls(cn__ws *w, cn_point *at, const cn_mls_desc *d, cn_mls_result *r) {
    const cn_net *net = at->p->net;
    cn__pass p;
    cn__mls_scope s;
    cn__mls_plan plan;
    cn__ws small;
    cn_mls_result found;
    cn_block all = {0, net->params};
    cn_real *squares;
    size_t K = net->outputs, c = at->p->chunk, group = cn__mls_group(K, c), square, i, l, lanes = at->p->lanes;
    int status, of_x;
    memset(r, 0, sizeof *r);
    memset(&s, 0, sizeof s);
    memset(&found, 0, sizeof found);
    if (d->want >= 2 * CN_MLS_ADAPTIVE) return cn__fail(w->ctx, CN_E_ARGUMENT, "MLS: unknown bits in want");
    if (!cn__finite(d->power) || d->power < 0)
        return cn__fail(w->ctx, CN_E_ARGUMENT, "MLS: power %g must be above 0", d->power);
    if (cn__overflows(K, K) || (square = cn__times(cn__times(group, K), K + 1)) > (size_t)-1 / 32)
        return cn__fail(w->ctx, CN_E_SIZE, "MLS: the Gram matrices of %z outputs overflow", K);
    s.d = d;
    s.want = d->want ? d->want : 2 * CN_MLS_ADAPTIVE - 1;
    s.ctx = w->ctx;
    s.power = d->power > 0 ? d->power : 2;
    of_x = (s.want & (CN_MLS_INPUT | CN_MLS_VOLUMES)) != 0;
    cn__start_rows(&p, at, cn__kinds + CN_OP_JACOBIAN_MOMENT, all, cn__chunk_mls);
    for (i = 0; i < net->count; i++) {
        const cn__node *node = net->node + i;
        if (node->item.params) p.ask.extra = CN__MAX(p.ask.extra, cn__plus(node->in, node->out));
        if (!cn__is_weight(node)) continue;
        if (!s.layers++) s.first = cn__takes_data_alone(net, node);
        p.ask.extra = CN__MAX(p.ask.extra, cn__times(K, node->in));
        if (d->total && node->from == CN_INPUT && (s.want & CN__MLS_OF_LAYERS))
            s.form_x = cn__takers(net, CN_INPUT) > 1;
    }
    if ((s.want & CN_MLS_INVARIANT) || (of_x && !s.first)) s.form_x = 1;
    p.ask.extra = CN__MAX(p.ask.extra, net->inputs);
    s.plan = CN__TAKE(w, cn__mls_plan, s.layers);
    s.least = CN__TAKE(w, double, cn__times(lanes, s.layers));
    squares = CN__TAKE(w, cn_real, net->params);
    p.ask.sums = CN__ALL_SUMS + s.layers * CN__MLS_SUMS;
    p.ask.values = CN__TAKE(w, double, p.ask.sums);
    for (i = l = 0; i < net->count; i++) {
        if (!cn__is_weight(net->node + i)) continue;
        if ((status = cn__mls_layer(w, at, i, &s, &plan)) != CN_OK) return status;
        if (w->base) s.plan[l++] = plan;
    }
    for (i = 0; w->base && i < net->params; i++) squares[i] = at->theta[i] * at->theta[i];
    for (i = 0; w->base && i < lanes * s.layers; i++) s.least[i] = 1e300;
    s.squares = squares;
    p.ask.user = &s;
    p.ask.every = 1;
    p.ask.starts = d->total;
    if (s.form_x) p.ask.needs |= CN__X_SIGNALS;
    memset(&small, 0, sizeof small);
    cn__eigen_small(&small, CN_ISA_C, group, K, NULL, NULL, NULL);
    p.ask.doubles = ((square + 2 * group) * sizeof(double) + small.peak + 2 * CN__ALIGN) / sizeof(double) / c + 4;
    if ((status = cn__run_pass(w, &p)) != CN_OK || !w->base) return status;
    for (i = 0; i < p.ask.sums; i++)
        if (!cn__finite(p.ask.values[i]))
            return cn__fail(w->ctx, CN_E_NUMERIC, "MLS: a mean is not finite: a volume, a power or df/dx is too large");
    cn__mls_result_of(&s, at, (const cn__mls_all *)(void *)p.ask.values, &found);
    if (!cn__finite(found.bound_c + found.bound_d + found.nmls_bound))
        return cn__fail(w->ctx, CN_E_NUMERIC, "MLS: a bound is not finite");
    *r = found;
    return CN_OK;
}

CN_API cn_mls_result cn_mls(cn_point *at, const cn_mls_desc *d) {
    CN__ANSWER(cn_mls_result, cn_mls_desc, at, cn__mls(&w, at, d ? d : &zero, &r));
}

/* ---- sharpness that rescaling layers does not change, from the diagonal of H */

/* sum over j of theta_j^2 A_jj */
static int cn__scaled_trace(cn__ws *w, cn_op *a, const cn_real *theta, const cn_probe_desc *d, cn_est *e) {
    size_t n = a->info.size, i;
    cn_real *squares = CN__TAKE(w, cn_real, n);
    cn_op shares;
    cn__stored data;
    for (i = 0; w->base && i < n; i++) squares[i] = theta[i] * theta[i];
    cn__start_diagonal(&shares, &data, w->ctx, n, squares);
    return cn__traced(w, a, &shares, d, e);
}

static int cn__adaptive_sharpness(cn__ws *w, cn_point *at, const cn_real *diagonal, const cn_probe_desc *d, cn_est *e) {
    size_t n = at->p->net->params;
    cn__op_here h;
    cn_op given;
    cn__stored data;
    cn_block all = {0, n};
    int status = diagonal ? cn__check_finite(w, "adaptive sharpness: diagonal", 1, n, 0, diagonal)
                          : cn__op_of(w->ctx, &h, at, CN_OP_HESSIAN, all);
    memset(e, 0, sizeof *e);
    cn__start_diagonal(&given, &data, w->ctx, n, diagonal);
    return status ? status : cn__scaled_trace(w, diagonal ? &given : &h.op, at->theta, d, e);
}

CN_API cn_est cn_adaptive_sharpness(cn_point *at, const cn_real *diagonal, const cn_probe_desc *d) {
    CN__ANSWER(cn_est, cn_probe_desc, at, cn__adaptive_sharpness(&w, at, diagonal, d ? d : &zero, &r));
}

/* ---- test prediction variance under isotropic noise: sd^2 tr J */

static int cn__check_noise(cn__ws *w, const cn_noise_desc *noise, const char *what) {
    if (!noise) return cn__fail(w->ctx, CN_E_ARGUMENT, "%s: the noise is missing", what);
    if (!(noise->sd >= 0) || !cn__finite(noise->sd))
        return cn__fail(w->ctx, CN_E_ARGUMENT, "%s: sd %g must be finite and not negative", what, noise->sd);
    if (noise->kind < 0 || noise->kind > CN_NOISE_SIGN)
        return cn__fail(w->ctx, CN_E_ARGUMENT, "%s: %d is not a kind of noise", what, noise->kind);
    return CN_OK;
}

static int cn__tpv(cn__ws *w, cn_point *at, const cn_noise_desc *noise, const cn_probe_desc *d, cn_est *e) {
    cn__op_here j;
    int status;
    memset(e, 0, sizeof *e);
    if ((status = cn__check_noise(w, noise, "TPV")) != CN_OK) return status;
    if ((status = cn__op_of(w->ctx, &j, at, CN_OP_JACOBIAN_MOMENT, noise->block)) != CN_OK) return status;
    status =
        noise->relative ? cn__scaled_trace(w, &j.op, at->theta + j.of.block.first, d, e) : cn__trace(w, &j.op, d, e);
    if (status != CN_OK && status != CN_CANCELLED) return status;
    if (!w->base) return CN_OK;
    e->value *= noise->sd * noise->sd;
    e->error *= noise->sd * noise->sd;
    return cn__settle(w->ctx, "TPV", status, e);
}

CN_API cn_est cn_tpv(cn_point *at, const cn_noise_desc *noise, const cn_probe_desc *d) {
    CN__ANSWER(cn_est, cn_probe_desc, at, cn__tpv(&w, at, noise, d ? d : &zero, &r));
}

/* ---- perturbation gap: the mean of (L(theta + U) + L(theta - U))/2 - L(theta) over pairs */

static int cn__perturbation_gap(cn__ws *w, cn_point *at, const cn_noise_desc *noise, const cn_probe_desc *d,
                                cn_est *e) {
    cn_problem *p = at->p;
    size_t size = p->net->params + p->net->state, most = d->probes ? d->probes : 100, i, mark;
    int status, side;
    cn_block block;
    cn_eval middle, one;
    cn_real *away, *u;
    double value;
    cn__mean mean;
    memset(e, 0, sizeof *e);
    memset(&mean, 0, sizeof mean);
    if ((status = cn__check_noise(w, noise, "gap")) != CN_OK) return status;
    block = noise->block;
    if ((status = cn__resolve(w->ctx, p->net, &block)) != CN_OK) return status;
    if ((status = cn__check_probes(w->ctx, "gap", d, 1u << CN_METHOD_AUTO | 1u << CN_METHOD_HUTCHINSON)) != CN_OK)
        return status;
    away = CN__TAKE(w, cn_real, size);
    u = CN__TAKE(w, cn_real, block.count);
    mark = w->at;
    if ((status = cn__evaluate(w, p, at->theta, NULL, NULL, &middle)) != CN_OK || !w->base) return status;
    if (noise->sd == 0) {
        e->exact = 1;
        return CN_OK;
    }
    memcpy(away, at->theta, size * sizeof *away);
    while (mean.count < most) {
        cn_random(d->seed, cn_stream(CN_FOR_PERTURBATION, mean.count), 0, noise->kind, noise->sd, block.count, u);
        for (i = 0; noise->relative && i < block.count; i++) u[i] *= at->theta[block.first + i];
        for (value = 0, side = 0; side < 2; side++) {
            for (i = 0; i < block.count; i++)
                away[block.first + i] = side ? at->theta[block.first + i] - u[i] : at->theta[block.first + i] + u[i];
            w->at = mark;
            if ((status = cn__evaluate(w, p, away, NULL, NULL, &one)) != CN_OK) return status;
            value += 0.5 * (one.loss - middle.loss);
        }
        cn__mean_add(&mean, value);
        cn__estimate(&mean, e);
        if ((status = cn__settle(w->ctx, "gap", CN_OK, e)) != CN_OK) return status;
        if (cn__enough(d, e->probes, e->value, e->error)) break;
        if ((status = cn__report(w->ctx, "perturbation gap", (double)e->probes, (double)most, e->value, e->error)) !=
            CN_OK)
            return status;
    }
    return CN_OK;
}

CN_API cn_est cn_perturbation_gap(cn_point *at, const cn_noise_desc *noise, const cn_probe_desc *d) {
    CN__ANSWER(cn_est, cn_probe_desc, at, cn__perturbation_gap(&w, at, noise, d ? d : &zero, &r));
}
#endif /* FLOOR 12 */

/* ==== FLOOR 13: pruning: nothing in this version ================================================================== */
#if CN_FLOOR_MAX >= 13
#endif /* FLOOR 13 */

/* ==== FLOOR 14: files: npy, safetensors, IDX, CIFAR-10; everything is checked against the bytes there are ========= */
#if CN_FLOOR_MAX >= 14
#ifndef CN_NO_FILES

/* ---- elements as files hold them */

enum { CN__F16 = CN_TYPE_F64 + 1, CN__BF16, CN__BOOL, CN__FILE_TYPES };
static const char cn__type_name[CN__FILE_TYPES][5] = {"",    "U8",  "I8",  "U16", "I16", "U32",  "I32",
                                                      "U64", "I64", "F32", "F64", "F16", "BF16", "BOOL"};
static size_t cn__file_size(int type) { return type <= CN_TYPE_F64 ? cn__type_size(type) : type == CN__BOOL ? 1 : 2; }
static int cn__memory_type(int type) {
    return type <= CN_TYPE_F64 ? type : type == CN__BOOL ? CN_TYPE_U8 : CN_TYPE_F32;
}

static int cn__big_endian(void) {
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return !first;
}

static uint64_t cn__get_bits(const unsigned char *at, size_t size, int big) {
    uint64_t bits = 0;
    size_t i;
    for (i = 0; i < size; i++) bits = bits << 8 | at[big ? i : size - 1 - i];
    return bits;
}

static void cn__set_bits(unsigned char *at, size_t size, int big, uint64_t bits) {
    size_t i;
    for (i = 0; i < size; i++, bits >>= 8) at[big ? size - 1 - i : i] = (unsigned char)(bits & 255);
}

static uint64_t cn__half(uint64_t h) /* binary16 as the bits of a float */
{
    uint64_t sign = (h & 0x8000) << 16, e = h >> 10 & 31, m = h & 1023;
    if (e == 31) return sign | 0x7F800000 | m << 13;
    if (e) return sign | (e + 112) << 23 | m << 13;
    if (!m) return sign;
    for (e = 113; !(m & 1024); e--) m <<= 1; /* below the normal numbers: m 2^-24 */
    return sign | e << 23 | (m & 1023) << 13;
}

/* A tensor's bytes in a file: element (i,j,k,l) is number i*stride[0] + j*stride[1] + .. from `at` on. type: the
   file's; t.type: memory's. */
typedef struct cn__array {
    char name[128], label[144]; /* label: what sentences begin with */
    const unsigned char *at;
    int type, big;
    size_t stride[4], first, end;
    cn_tensor t;
} cn__array;

static void cn__copy_element(const cn__array *s, size_t number, unsigned char *to) {
    size_t size = cn__file_size(s->type);
    uint64_t bits = cn__get_bits(s->at + number * size, size, s->big);
    if (s->type == CN__F16) bits = cn__half(bits);
    if (s->type == CN__BF16) bits <<= 16;
    cn__set_bits(to, cn__type_size(s->t.type), cn__big_endian(), bits);
}

static void cn__copy_array(const cn__array *s, unsigned char *to) {
    const size_t *n = s->t.shape, *d = s->stride;
    size_t i, j, k, l, from, size = cn__file_size(s->type), step = cn__type_size(s->t.type);
    int as_is = d[3] == 1 && size == step && (size == 1 || s->big == cn__big_endian());
    for (i = 0; i < n[0]; i++)
        for (j = 0; j < n[1]; j++)
            for (k = 0; k < n[2]; k++) {
                from = i * d[0] + j * d[1] + k * d[2];
                if (as_is) {
                    memcpy(to, s->at + from * size, n[3] * size);
                    to += n[3] * size;
                } else
                    for (l = 0; l < n[3]; l++, to += step) cn__copy_element(s, from + l * d[3], to);
            }
}

/* Views the bytes in the file where they can be used as they are, else takes memory for them. 1: the latter. */
static int cn__view_array(cn__ws *w, const cn__array *s, cn_tensor *t) {
    size_t size = cn__file_size(s->type), row = 1;
    int i, usable = size == cn__type_size(s->t.type) && (size == 1 || s->big == cn__big_endian());
    *t = cn_tensor_of(s->at, s->t.type, s->t.dims, s->t.shape[0], s->t.shape[1], s->t.shape[2], s->t.shape[3]);
    for (i = 3; i >= 0; row *= s->t.shape[i], i--)
        if (s->t.shape[i] > 1 && s->stride[i] != row) usable = 0;
    if (usable && (uintptr_t)s->at % size == 0) return 0;
    t->data = cn__take(w, cn_count(s->t), cn__type_size(s->t.type));
    return 1;
}

static void cn__put_shape(cn__text *t, const cn_tensor *v, const char *open, const char *gap, const char *close) {
    int i;
    cn__put(t, open);
    for (i = 0; i < v->dims; i++) {
        if (i) cn__put(t, gap);
        cn__put_size(t, v->shape[i]);
    }
    cn__put(t, close);
}

static const char *cn__shape_text(const cn_tensor *v, char text[100]) {
    cn__text t = cn__text_at(text, 99);
    cn__put_shape(&t, v, "[", ", ", "]");
    *t.at = 0;
    return text;
}

/* Sets strides; the shape must be not empty and take exactly these bytes. A tensor of no dimension is one of a single
   element. */
static int cn__fit_array(cn_ctx *c, cn__array *s, int fortran, size_t bytes) {
    size_t size = cn__file_size(s->type), *n = s->t.shape;
    int i;
    char shape[100];
    if (!s->t.dims) s->t.dims = 1;
    for (i = 0; i < 4; i++) size = cn__times(size, n[i]);
    if (size != bytes)
        return cn__fail(c, CN_E_FILE, "%s: shape %s of %s takes %s%z bytes; there are %z", s->label,
                        cn__shape_text(&s->t, shape), cn__type_name[s->type], size == (size_t)-1 ? "at least " : "",
                        size, bytes);
    s->stride[fortran ? 0 : 3] = 1;
    for (i = 1; i < 4; i++)
        if (fortran)
            s->stride[i] = s->stride[i - 1] * n[i - 1];
        else
            s->stride[3 - i] = s->stride[4 - i] * n[4 - i];
    s->t.type = cn__memory_type(s->type);
    return CN_OK;
}

static void cn__start_array(cn__array *s, const char *kind, const char *name, const char *end) {
    cn__text t = cn__text_at(s->label, sizeof s->label - 1);
    cn__put(&t, kind);
    cn__put(&t, name);
    cn__put(&t, end);
    *t.at = 0;
    s->t = cn_tensor_of(NULL, CN_TYPE_U8, 0, 1, 1, 1, 1);
}

/* ---- text headers: Python's dictionary of npy, JSON of safetensors. No recursion: both have a known depth */

typedef struct cn__reader {
    cn_ctx *ctx;
    const char *label, *key;
    const unsigned char *file, *at, *end;
    int python;
} cn__reader;

static int cn__expected(const cn__reader *r, const char *what) {
    char found[] = "'?'";
    if (r->at<r->end && * r->at> 32 && *r->at < 127) found[1] = (char)*r->at;
    return cn__fail(r->ctx, CN_E_FILE, "%s%s%s: %s is expected at byte %z, not %s", r->label, *r->key ? ", " : "",
                    r->key, what, (size_t)(r->at - r->file), r->at < r->end ? found : "the header's end");
}

static void cn__blanks(cn__reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')) r->at++;
}

static int cn__next(cn__reader *r, char wanted) /* past it if it is next */
{
    cn__blanks(r);
    if (r->at == r->end || *r->at != (unsigned char)wanted) return 0;
    r->at++;
    return 1;
}

#define CN__NO_CHARACTER 0xFFFFFFFFu
static uint32_t cn__hex4(cn__reader *r) {
    uint32_t v = 0;
    int i;
    unsigned char h;
    for (i = 0; i < 4; i++, r->at++) {
        h = r->at < r->end ? *r->at : 0;
        if (h >= '0' && h <= '9')
            v = v * 16 + h - '0';
        else if ((h | 32) >= 'a' && (h | 32) <= 'f')
            v = v * 16 + (h | 32u) - 'a' + 10;
        else
            return CN__NO_CHARACTER;
    }
    return v;
}

static uint32_t cn__escape(cn__reader *r) /* the character that stands after a backslash */
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *known;
    uint32_t high, low;
    if (r->at == r->end || !*r->at) return CN__NO_CHARACTER;
    if (*r->at++ != 'u')
        return (known = strchr(from, r->at[-1])) != NULL ? (uint32_t)to[known - from] : CN__NO_CHARACTER;
    high = cn__hex4(r);
    if (high - 0xD800 >= 0x800) return high; /* all but halves of pairs; also what is no number */
    if (high >= 0xDC00 || r->end - r->at < 6 || *r->at++ != '\\' || *r->at++ != 'u') return CN__NO_CHARACTER;
    low = cn__hex4(r);
    return low - 0xDC00 < 0x400 ? 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00) : CN__NO_CHARACTER;
}

/* A string without control characters into out [128], or of any kind and length where out is NULL. 0: there is no such
   string. */
static int cn__string(cn__reader *r, char *out) {
    size_t n = 0, i, more;
    unsigned char quote;
    uint32_t v;
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    cn__blanks(r);
    if (r->at == r->end || (*r->at != '"' && !(r->python && *r->at == '\''))) return 0;
    for (quote = *r->at++; r->at < r->end && *r->at != quote;) {
        if (*r->at < 32) return 0;
        v = *r->at++;
        more = 1;
        if (v == '\\') {
            if ((v = cn__escape(r)) == CN__NO_CHARACTER) return 0;
            more = v < 0x80 ? 1u : v < 0x800 ? 2u : v < 0x10000 ? 3u : 4u;
        }
        if (!out) continue;
        if (v < 32 || n + more >= 128) return 0;
        for (i = more; i > 1; i--, v >>= 6) out[n + i - 1] = (char)(unsigned char)(0x80 | (v & 63));
        out[n] = (char)(unsigned char)(lead[more] | v);
        n += more;
    }
    if (r->at == r->end) return 0;
    r->at++;
    if (out) out[n] = 0;
    return 1;
}

static int cn__whole_number(cn__reader *r, size_t *v) /* from 0 on; 0: there is none, or it does not fit a size_t */
{
    const unsigned char *first;
    size_t digit;
    cn__blanks(r);
    for (first = r->at, *v = 0; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
        digit = (size_t)(*r->at - '0');
        if (*v > ((size_t)-1 - digit) / 10) {
            r->at = first;
            return 0;
        }
        *v = *v * 10 + digit;
    }
    return r->at > first && (*first != '0' || r->at == first + 1);
}

/* A list of at most `most` numbers. Python's may end with a comma. */
static int cn__numbers(cn__reader *r, char open, char close, int most, size_t *out, int *n) {
    *n = 0;
    if (!cn__next(r, open)) return cn__expected(r, "a list of numbers");
    while (!cn__next(r, close)) {
        if (*n && !cn__next(r, ',')) return cn__expected(r, "',' or the list's end");
        if (*n && r->python && cn__next(r, close)) break;
        if (*n == most)
            return cn__fail(r->ctx, CN_E_FILE, "%s, %s: at most %d numbers are expected", r->label, r->key, most);
        if (!cn__whole_number(r, out + *n)) return cn__expected(r, "a whole number from 0 that fits a size");
        ++*n;
    }
    return CN_OK;
}

/* "<f4" of npy, "F32" of safetensors; CN__FILE_TYPES: unknown */
static int cn__file_type(const char *name, int npy, int *big) {
    int type = CN_TYPE_U8;
    *big = npy && (*name == '>' || (*name != '<' && cn__big_endian()));
    if (npy && (!*name || !strchr("<>|=", *name) || strlen(name) != 3)) return CN__FILE_TYPES;
    for (; type < CN__FILE_TYPES; type++)
        if (npy ? (cn__type_name[type][0] | 32) == name[1] && (size_t)(name[2] - '0') == cn__file_size(type) &&
                      type != CN__BF16
                : cn__same(name, cn__type_name[type]))
            break;
    return type;
}

/* What npy says of its array and safetensors of a tensor: three keys in any order, each once. Type and shape go to s;
   extra: of npy, is it in Fortran order; of safetensors, how many offsets there are in span. */
static int cn__dictionary(cn__reader *r, cn__array *s, int *extra, size_t span[2]) {
    static const char *const names[2][3] = {{"dtype", "shape", "data_offsets"}, {"descr", "fortran_order", "shape"}};
    const char *const *keys = names[r->python];
    char text[128];
    unsigned seen = 0;
    int i, status;
    if (!cn__next(r, '{')) return cn__expected(r, "'{'");
    while (!((seen || r->python) && cn__next(r, '}'))) {
        if (seen && !cn__next(r, ',')) return cn__expected(r, "',' or '}'");
        if (seen && r->python && cn__next(r, '}')) break;
        r->key = "";
        if (!cn__string(r, text)) return cn__expected(r, "a key");
        for (i = 0; i < 3 && !cn__same(text, keys[i]); i++) {
        }
        if (i == 3)
            return cn__fail(r->ctx, CN_E_FILE, "%s: the keys are '%s', '%s' and '%s', not '%s'", r->label, keys[0],
                            keys[1], keys[2], text);
        if (seen >> i & 1) return cn__fail(r->ctx, CN_E_FILE, "%s: '%s' occurs twice", r->label, text);
        seen |= 1u << i;
        r->key = keys[i];
        status = cn__next(r, ':') ? CN_OK : cn__expected(r, "':'");
        if (status == CN_OK && i == 0) {
            if (!cn__string(r, text))
                return cn__expected(r, r->python ? "the name of a type, as '<f4'," : "the name of a type");
            s->type = cn__file_type(text, r->python, &s->big);
            if (s->type == CN__FILE_TYPES)
                return cn__fail(
                    r->ctx, CN_E_FILE,
                    r->python ? "%s: 'descr' should be b1, or i, u or f with a size of 1, 2, 4 or 8 bytes behind < > | "
                                "or =, not '%s'"
                              : "%s: 'dtype' should be F64, F32, F16, BF16, BOOL, or I or U with 8 to 64, not '%s'",
                    r->label, text);
        } else if (status == CN_OK && i == 1 && r->python) {
            cn__blanks(r);
            *extra = r->end - r->at > 4 && memcmp(r->at, "True", 4) == 0;
            if (!*extra && !(r->end - r->at > 5 && memcmp(r->at, "False", 5) == 0))
                return cn__expected(r, "True or False");
            r->at += *extra ? 4 : 5;
        } else if (status == CN_OK && i == 2 && !r->python)
            status = cn__numbers(r, '[', ']', 2, span, extra);
        else if (status == CN_OK)
            status = cn__numbers(r, r->python ? '(' : '[', r->python ? ')' : ']', 4, s->t.shape, &s->t.dims);
        if (status) return status;
    }
    r->key = "";
    for (i = 0; i < 3; i++)
        if (!(seen >> i & 1)) return cn__fail(r->ctx, CN_E_FILE, "%s: '%s' is missing", r->label, keys[i]);
    return CN_OK;
}

/* ---- npy, IDX, CIFAR-10 */

static int cn__npy(cn_ctx *c, const unsigned char *f, size_t bytes, cn__array *s) {
    cn__reader r;
    size_t start = bytes > 6 && f[6] > 1 ? 12 : 10, length;
    int status, fortran = 0;
    cn__start_array(s, "npy", "", "");
    if (bytes < start)
        return cn__fail(c, CN_E_FILE, "npy: the file ends within its first %z bytes, at %z", start, bytes);
    if (f[6] < 1 || f[6] > 3 || f[7])
        return cn__fail(c, CN_E_FILE, "npy: versions 1.0, 2.0 and 3.0 are known, not %d.%d", (int)f[6], (int)f[7]);
    length = (size_t)cn__get_bits(f + 8, start - 8, 0);
    if (length > bytes - start)
        return cn__fail(c, CN_E_FILE, "npy: the header should have %z bytes; there are %z", length, bytes - start);
    r.ctx = c;
    r.label = s->label;
    r.key = "";
    r.file = f;
    r.at = f + start;
    r.end = r.at + length;
    r.python = 1;
    if ((status = cn__dictionary(&r, s, &fortran, NULL)) != CN_OK) return status;
    cn__blanks(&r);
    if (r.at != r.end) return cn__expected(&r, "the header's end");
    s->at = r.end;
    return cn__fit_array(c, s, fortran, bytes - start - length);
}

static int cn__idx(cn_ctx *c, const unsigned char *f, size_t bytes, cn__array *s) {
    static const unsigned char type[] = {CN_TYPE_U8, CN_TYPE_I8, 0, CN_TYPE_I16, CN_TYPE_I32, CN_TYPE_F32, CN_TYPE_F64};
    int i;
    cn__start_array(s, "IDX", "", "");
    s->big = 1;
    s->t.dims = f[3];
    if (f[2] < 8 || f[2] > 14 || !type[f[2] - 8])
        return cn__fail(c, CN_E_FILE, "IDX: type %d is none of 8, 9, 11, 12, 13, 14", (int)f[2]);
    if (f[3] > 4) return cn__fail(c, CN_E_FILE, "IDX: %d dimensions; at most 4 can be read", (int)f[3]);
    if (bytes < 4 + 4 * (size_t)f[3])
        return cn__fail(c, CN_E_FILE, "IDX: %d sizes take %d bytes; the file has %z", (int)f[3], 4 + 4 * (int)f[3],
                        bytes);
    s->type = type[f[2] - 8];
    for (i = 0; i < f[3]; i++) s->t.shape[i] = (size_t)cn__get_bits(f + 4 + 4 * i, 4, 1);
    s->at = f + 4 + 4 * (size_t)f[3];
    return cn__fit_array(c, s, 0, bytes - 4 - 4 * (size_t)f[3]);
}

enum { CN__CIFAR_ROW = 3073 }; /* a label, then 3 x 32 x 32 */
static size_t cn__bad_label(const unsigned char *f, size_t n) {
    size_t i = 0;
    while (i < n && f[i * CN__CIFAR_ROW] < 10) i++;
    return i;
}

static int cn__cifar(cn_ctx *c, const unsigned char *f, size_t bytes, const char *name, cn__array *s) {
    size_t n = bytes / CN__CIFAR_ROW, bad = cn__bad_label(f, n);
    int labels = name && cn__same(name, "y");
    cn__start_array(s, "CIFAR-10", "", "");
    if (bad < n)
        return cn__fail(c, CN_E_FILE, "CIFAR-10: the label of image %z should be from 0 to 9, not %d", bad,
                        (int)f[bad * CN__CIFAR_ROW]);
    if (name && *name && !labels && !cn__same(name, "x"))
        return cn__fail(c, CN_E_FILE, "CIFAR-10: there are 'x' and 'y', no '%s'", name);
    s->type = CN_TYPE_U8;
    s->at = labels ? f : f + 1;
    s->t = labels ? cn_tensor_of(NULL, CN_TYPE_U8, 1, n, 1, 1, 1) : cn_tensor_of(NULL, CN_TYPE_U8, 4, n, 3, 32, 32);
    s->stride[0] = CN__CIFAR_ROW;
    s->stride[1] = 1024;
    s->stride[2] = 32;
    s->stride[3] = 1;
    return CN_OK;
}

/* ---- safetensors: 8 bytes of length, a header {"name":{"dtype":"F32","shape":[3,4],"data_offsets":[0,48]}, ...}, the
   data */

/* where a tensor is described, and its data */
typedef struct cn__entry {
    const unsigned char *at;
    size_t first, end;
    int used;
} cn__entry;
typedef struct cn__safe {
    cn_ctx *ctx;
    const unsigned char *header, *data;
    size_t length, bytes, count, matches;
    cn__entry *entry;
} cn__safe;

static cn__reader cn__safe_reader(const cn__safe *f, const unsigned char *at, const char *label) {
    cn__reader r;
    r.ctx = f->ctx;
    r.label = label;
    r.key = "";
    r.file = f->header - 8;
    r.at = at;
    r.end = f->header + f->length;
    r.python = 0;
    return r;
}

static int cn__safe_metadata(cn__reader *r) {
    if (!cn__next(r, '{')) return cn__expected(r, "'{' after \"__metadata__\"");
    if (cn__next(r, '}')) return CN_OK;
    do
        if (!cn__string(r, NULL) || !cn__next(r, ':') || !cn__string(r, NULL))
            return cn__expected(r, "\"key\": \"text\" in __metadata__");
    while (cn__next(r, ','));
    return cn__next(r, '}') ? CN_OK : cn__expected(r, "',' or '}'");
}

/* One tensor of the header, name first. type 0: it is "__metadata__". */
static int cn__safe_entry(const cn__safe *f, cn__reader *r, cn__array *s) {
    size_t span[2] = {0, 0};
    int status, n = 2;
    s->type = 0;
    r->label = "safetensors";
    if (!cn__string(r, s->name))
        return cn__expected(r, "a name in quotes, of at most 127 bytes and without control characters,");
    if (!cn__next(r, ':')) return cn__expected(r, "':'");
    if (cn__same(s->name, "__metadata__")) return cn__safe_metadata(r);
    cn__start_array(s, "tensor '", s->name, "'");
    r->label = s->label;
    if ((status = cn__dictionary(r, s, &n, span)) != CN_OK) return status;
    if (n != 2 || span[0] > span[1] || span[1] > f->bytes)
        return cn__fail(f->ctx, CN_E_FILE,
                        "%s: 'data_offsets' should be two, rising, within the %z bytes of data; they are [%z, %z]",
                        s->label, f->bytes, span[0], span[1]);
    s->first = span[0];
    s->end = span[1];
    s->at = f->data + s->first;
    return cn__fit_array(f->ctx, s, 0, s->end - s->first);
}

/* The header from front to back: counts the tensors, notes each in f->entry unless that is NULL, finds those asked for
   (none by name: all). */
static int cn__safe_scan(cn__safe *f, const char *name, cn__array *found) {
    cn__reader r = cn__safe_reader(f, f->header, "safetensors");
    cn__array s;
    int status, metadata = 0, more;
    f->count = f->matches = 0;
    if (!cn__next(&r, '{')) return cn__expected(&r, "'{'");
    for (more = !cn__next(&r, '}'); more;) {
        const unsigned char *at = r.at;
        if ((status = cn__safe_entry(f, &r, &s)) != CN_OK) return status;
        r.label = "safetensors";
        if (!s.type && metadata++) return cn__fail(f->ctx, CN_E_FILE, "safetensors: '__metadata__' occurs twice");
        if (s.type && f->entry) {
            f->entry[f->count].at = at;
            f->entry[f->count].first = s.first;
            f->entry[f->count].end = s.end;
            f->entry[f->count].used = 0;
        }
        if (s.type && found && (!name || !*name || cn__same(name, s.name))) {
            *found = s;
            f->matches++;
        }
        f->count += s.type != 0;
        more = cn__next(&r, ',');
        if (!more && !cn__next(&r, '}')) return cn__expected(&r, "',' or '}'");
    }
    cn__blanks(&r);
    return r.at == r.end ? CN_OK : cn__expected(&r, "the header's end");
}

static int cn__safe_open(cn_ctx *c, const unsigned char *file, size_t bytes, cn__safe *f, const char *name,
                         cn__array *found) {
    uint64_t length = cn__get_bits(file, 8, 0);
    if (length > bytes - 8)
        return cn__fail(c, CN_E_FILE, "safetensors: the header should have %g bytes; there are %z", (double)length,
                        bytes - 8);
    f->ctx = c;
    f->entry = NULL;
    f->header = file + 8;
    f->length = (size_t)length;
    f->data = f->header + f->length;
    f->bytes = bytes - 8 - f->length;
    return cn__safe_scan(f, name, found);
}

static void cn__safe_name(const cn__safe *f, const cn__entry *p, char *name) {
    cn__reader r = cn__safe_reader(f, p->at, "");
    cn__string(&r, name);
}

/* < 0, 0, > 0, as strcmp */
static int cn__safe_order(const cn__safe *f, int by_name, const cn__entry *a, const cn__entry *b) {
    char name[2][128];
    if (!by_name) return a->first != b->first ? (a->first < b->first ? -1 : 1) : a->end < b->end ? -1 : a->end > b->end;
    cn__safe_name(f, a, name[0]);
    cn__safe_name(f, b, name[1]);
    return strcmp(name[0], name[1]);
}

static void cn__safe_sort(const cn__safe *f, int by_name) /* heap sort (Williams 1964) */
{
    size_t start = f->count / 2, end = f->count, i, child;
    cn__entry *p = f->entry, t;
    while (end > 1) {
        if (start)
            start--;
        else {
            end--;
            t = p[0];
            p[0] = p[end];
            p[end] = t;
        }
        for (i = start; (child = 2 * i + 1) < end; i = child) {
            if (child + 1 < end && cn__safe_order(f, by_name, p + child, p + child + 1) < 0) child++;
            if (cn__safe_order(f, by_name, p + i, p + child) >= 0) break;
            t = p[i];
            p[i] = p[child];
            p[child] = t;
        }
    }
}

/* The tensors lie one behind the other and fill the data; no name occurs twice. */
static int cn__safe_check(cn__ws *w, cn__safe *f) {
    size_t i, at = 0;
    char name[128];
    f->entry = CN__TAKE(w, cn__entry, f->count);
    if (!w->base) return CN_OK;
    cn__safe_scan(f, NULL, NULL);
    cn__safe_sort(f, 0);
    for (i = 0; i < f->count; at = f->entry[i++].end) {
        if (f->entry[i].first == at) continue;
        cn__safe_name(f, f->entry + i, name);
        return cn__fail(f->ctx, CN_E_FILE,
                        "tensor '%s': its data should begin at %z, where those before it end, not at %z", name, at,
                        f->entry[i].first);
    }
    if (at != f->bytes)
        return cn__fail(f->ctx, CN_E_FILE, "safetensors: the tensors take %z bytes of data; there are %z", at,
                        f->bytes);
    cn__safe_sort(f, 1);
    for (i = 1; i < f->count; i++) {
        if (cn__safe_order(f, 1, f->entry + i - 1, f->entry + i)) continue;
        cn__safe_name(f, f->entry + i, name);
        return cn__fail(f->ctx, CN_E_FILE, "safetensors: tensor '%s' occurs twice", name);
    }
    return CN_OK;
}

/* among those sorted by name; NULL: there is none */
static cn__entry *cn__safe_find(const cn__safe *f, const char *wanted) {
    size_t from = 0, end = f->count, i;
    char name[128];
    int order;
    while (from < end) {
        i = from + (end - from) / 2;
        cn__safe_name(f, f->entry + i, name);
        if ((order = strcmp(name, wanted)) == 0) return f->entry + i;
        if (order < 0)
            from = i + 1;
        else
            end = i;
    }
    return NULL;
}

/* ---- reading */

enum { CN__NO_FORMAT, CN__NPY, CN__SAFE, CN__IDX, CN__CIFAR };
static int cn__format(const unsigned char *f, size_t bytes) {
    int rows = bytes && bytes % CN__CIFAR_ROW == 0,
        cifar = rows && cn__bad_label(f, bytes / CN__CIFAR_ROW) == bytes / CN__CIFAR_ROW;
    if (bytes >= 6 && memcmp(f,
                             "\x93"
                             "NUMPY",
                             6) == 0)
        return CN__NPY;
    if (bytes > 8 && f[8] == '{' && (!cifar || cn__get_bits(f, 8, 0) <= bytes - 8)) return CN__SAFE;
    if (bytes >= 4 && !f[0] && !f[1] && f[2] >= 8 && f[2] <= 14) {
        size_t count = 1, i, sizes = 4 * (size_t)f[3];
        for (i = 0; i < f[3] && 8 + 4 * i <= bytes; i++)
            count = cn__times(count, (size_t)cn__get_bits(f + 4 + 4 * i, 4, 1));
        if (!cifar || (bytes >= 4 + sizes && count && (bytes - 4 - sizes) % count == 0)) return CN__IDX;
    }
    return rows ? CN__CIFAR : CN__NO_FORMAT;
}

/* What the measuring pass finds in a file and the working pass uses: each reads a directory of safetensors once, the
   one to count its tensors, the other to sort them. */
typedef struct cn__reading {
    int format;
    cn__array s;
    cn__safe safe;
} cn__reading;

static int cn__tensor_open(cn_ctx *c, const unsigned char *f, size_t bytes, const char *name, cn__reading *r) {
    const cn__safe *safe = &r->safe;
    int status;
    char shape[100];
    memset(r, 0, sizeof *r);
    r->format = cn__format(f, bytes);
    status = r->format == CN__NPY     ? cn__npy(c, f, bytes, &r->s)
             : r->format == CN__IDX   ? cn__idx(c, f, bytes, &r->s)
             : r->format == CN__CIFAR ? cn__cifar(c, f, bytes, name, &r->s)
             : r->format == CN__SAFE
                 ? cn__safe_open(c, f, bytes, &r->safe, name, &r->s)
                 : cn__fail(c, CN_E_FILE, "the %z bytes are none of npy, safetensors, IDX and CIFAR-10", bytes);
    if (status) return status;
    if (r->format == CN__SAFE && safe->matches != 1) {
        if (safe->matches && !(name && *name))
            return cn__fail(c, CN_E_FILE,
                            "safetensors: the name is missing, and there are %z tensors; the last is '%s'", safe->count,
                            r->s.name);
        if (!safe->matches && safe->count)
            return cn__fail(c, CN_E_FILE, "safetensors: there is no '%s' among its %z tensors", name, safe->count);
        if (!safe->matches)
            return cn__fail(c, CN_E_FILE, "safetensors: there is no tensor '%s', and no other",
                            name && *name ? name : "of any name");
    }
    if (!cn_count(r->s.t))
        return cn__fail(c, CN_E_FILE, "%s: shape %s has no elements", r->s.label, cn__shape_text(&r->s.t, shape));
    return CN_OK;
}

static int cn__tensor_read(cn__ws *w, const void *file, size_t bytes, const char *name, const cn_tensor *out,
                           cn__reading *r, cn_tensor *t) {
    cn_ctx *c = w->ctx;
    int status, taken;
    if (!file && c->status) return c->status; /* a chain that failed before */
    if (!file || !out) return cn__fail(c, CN_E_ARGUMENT, "tensor: %s is missing", file ? "out" : "the file");
    if (!w->base && (status = cn__tensor_open(c, (const unsigned char *)file, bytes, name, r)) != CN_OK) return status;
    taken = cn__view_array(w, &r->s, t); /* before the directory: what is returned is the memory's beginning */
    if (r->format == CN__SAFE && (status = cn__safe_check(w, &r->safe)) != CN_OK) return status;
    if (w->base && taken) cn__copy_array(&r->s, (unsigned char *)t->data);
    return CN_OK;
}

CN_API int cn_tensor_read(cn_ctx *c, const void *file, size_t bytes, const char *name, cn_tensor *out) {
    cn__ws w;
    cn__reading r;
    cn_tensor t;
    void *memory;
    CN__CREATE(w, c, void, memory, cn__tensor_read(&w, file, bytes, name, out, &r, &t));
    if (!memory) return c ? c->status : CN_E_ARGUMENT;
    if (t.data != memory) cn__end(&w); /* a view of the file */
    *out = t;
    return CN_OK;
}

/* All elements, of a source in C order, as reals; to NULL: are they finite, and do they fit? */
static int cn__take_reals(cn_ctx *c, const cn__array *s, cn_real *to) {
    size_t i, n = cn_count(s->t);
    unsigned char element[8];
    double v;
    for (i = 0; i < n; i++) {
        cn__copy_element(s, i, element);
        v = cn__element(element, s->t.type, 0);
        if (to)
            to[i] = (cn_real)v;
        else if (!cn__store(NULL, CN_TYPE_REAL, 0, v))
            return cn__fail(c, CN_E_DATA, "%s: element %z should be a finite number, and is %g", s->label, i, v);
    }
    return CN_OK;
}

static int cn__theta_npy(cn_ctx *c, const cn_net *net, cn__array *s, cn_real *theta) {
    size_t i, n = cn_count(s->t), size = net->params + net->state;
    int status;
    char shape[100];
    if (s->t.dims != 1 || (n != net->params && n != size))
        return cn__fail(
            c, CN_E_SHAPE,
            "npy: a flat vector of the network's %z parameters (%z with its statistics) is expected, not shape %s",
            net->params, size, cn__shape_text(&s->t, shape));
    if ((status = cn__take_reals(c, s, NULL)) != CN_OK) return status;
    if (n < size) memset(theta + net->params, 0, net->state * sizeof *theta);
    for (i = 0; i < net->count && n < size; i++) {
        const cn__node *node = net->node + i;
        if (node->item.state && node->row->init)
            node->row->init(&node->item, theta + node->theta, theta + net->params + node->state);
    }
    return cn__take_reals(c, s, theta);
}

/* A part and the tensor of its name. */
static int cn__theta_part(cn__safe *f, const cn_net *net, size_t index, cn_part *part, cn__array *s) {
    cn__entry *entry;
    cn__reader r;
    char shape[2][100];
    int status;
    if ((status = cn_net_part(net, NULL, index, part)) != CN_OK) return status;
    entry = cn__safe_find(f, part->name);
    if (!entry)
        return cn__fail(f->ctx, CN_E_FILE, "tensor '%s', shape %s, is missing", part->name,
                        cn__shape_text(&part->value, shape[0]));
    entry->used = 1;
    r = cn__safe_reader(f, entry->at, "");
    if ((status = cn__safe_entry(f, &r, s)) != CN_OK) return status;
    if (s->t.dims == part->value.dims && memcmp(s->t.shape, part->value.shape, sizeof s->t.shape) == 0) return CN_OK;
    return cn__fail(f->ctx, CN_E_SHAPE, "tensor '%s': its shape should be %s, not %s", part->name,
                    cn__shape_text(&part->value, shape[0]), cn__shape_text(&s->t, shape[1]));
}

static int cn__theta_safe(cn__ws *w, const cn_net *net, cn__safe *f, cn_real *theta) {
    static const char extra[] = "num_batches_tracked";
    size_t i, length, parts = cn_net_describe(net).parts;
    int status, write;
    cn_part part;
    cn__array s;
    char name[128];
    if ((status = cn__safe_check(w, f)) != CN_OK || !w->base) return status;
    for (write = 0; write < 2; write++) {
        for (i = 0; i < parts; i++)
            if ((status = cn__theta_part(f, net, i, &part, &s)) != CN_OK ||
                (status = cn__take_reals(f->ctx, &s, write ? theta + part.block.first : NULL)) != CN_OK)
                return status;
        for (i = 0; i < f->count; i++) {
            cn__safe_name(f, f->entry + i, name);
            length = strlen(name);
            if (!f->entry[i].used &&
                (length < sizeof extra - 1 || !cn__same(name + length - (sizeof extra - 1), extra)))
                return cn__fail(f->ctx, CN_E_FILE, "tensor '%s': the network has no such part", name);
        }
    }
    return CN_OK;
}

static int cn__theta_open(cn_ctx *c, const unsigned char *f, size_t bytes, cn__reading *r) {
    memset(r, 0, sizeof *r);
    r->format = cn__format(f, bytes);
    if (r->format == CN__SAFE) return cn__safe_open(c, f, bytes, &r->safe, NULL, NULL);
    if (r->format == CN__NPY) return cn__npy(c, f, bytes, &r->s);
    return cn__fail(c, CN_E_FILE, "theta: the %z bytes are neither safetensors nor npy", bytes);
}

static int cn__theta_read(cn__ws *w, const cn_net *net, const void *file, size_t bytes, cn__reading *r,
                          cn_real *theta) {
    cn_ctx *c = w->ctx;
    int status;
    if ((!net || !file || !theta) && c->status) return c->status; /* a chain that failed before */
    if (!net || !file || !theta)
        return cn__fail(c, CN_E_ARGUMENT, "theta: %s is missing", !net ? "the network" : file ? "theta" : "the file");
    if (!w->base && (status = cn__theta_open(c, (const unsigned char *)file, bytes, r)) != CN_OK) return status;
    if (r->format == CN__SAFE) return cn__theta_safe(w, net, &r->safe, theta);
    return w->base ? cn__theta_npy(c, net, &r->s, theta) : CN_OK;
}

CN_API int cn_theta_read(cn_ctx *c, const cn_net *net, const void *file, size_t bytes, cn_real *theta) {
    cn__ws w;
    cn__reading r;
    int status;
    CN__CALL(w, c, status, cn__theta_read(&w, net, file, bytes, &r, theta));
    return status;
}

/* ---- writing: little-endian, whatever the machine */

static int cn__type_written(int type) { return type == CN_TYPE_REAL ? (CN__DOUBLE ? CN_TYPE_F64 : CN_TYPE_F32) : type; }

static void cn__put_tensor(cn__text *t, const cn_tensor *v) {
    size_t i, n = cn_count(*v), size = cn__type_size(v->type);
    const unsigned char *from = (const unsigned char *)v->data;
    unsigned char element[8];
    if (!cn__big_endian()) {
        cn__put_bytes(t, from, n * size);
        return;
    }
    for (i = 0; i < n; i++) {
        cn__set_bits(element, size, 0, cn__get_bits(from + i * size, size, 1));
        cn__put_bytes(t, element, size);
    }
}

CN_API size_t cn_tensor_write(cn_tensor t, void *out, size_t capacity) {
    char header[256], descr[4] = "<f4";
    cn__text h = cn__text_at(header + 10, sizeof header - 10);
    size_t length, size = cn__type_size(t.type), count = cn_count(t);
    if (!count || !t.data) return 0;
    descr[0] = size == 1 ? '|' : '<';
    descr[1] = (char)(cn__type_name[cn__type_written(t.type)][0] | 32);
    descr[2] = (char)('0' + (int)size);
    cn__put(&h, "{'descr': '");
    cn__put(&h, descr);
    cn__put(&h, "', 'fortran_order': False, 'shape': ");
    cn__put_shape(&h, &t, "(", ", ", t.dims == 1 ? ",), }" : "), }");
    length = (10 + h.length + 64) / 64 * 64; /* a line end fits in, and the data begin at a multiple of 64 */
    memset(h.at, ' ', h.room);
    memcpy(header,
           "\x93"
           "NUMPY\1\0",
           8);
    cn__set_bits((unsigned char *)header + 8, 2, 0, length - 10);
    header[length - 1] = '\n';
    if (!out || cn__plus(length, count * size) > capacity) return cn__plus(length, count * size);
    h = cn__text_at(out, capacity);
    cn__put_bytes(&h, header, length);
    cn__put_tensor(&h, &t);
    return h.length;
}

/* Parts of a caller, or of a network's theta. */
typedef struct cn__parts {
    const cn_part *parts;
    const cn_net *net;
    const cn_real *theta;
    size_t count;
} cn__parts;

static cn_part cn__part_of(const cn__parts *p, size_t index) {
    cn_part part;
    if (!p->net) return p->parts[index];
    memset(&part, 0, sizeof part);
    cn_net_part(p->net, p->theta, index, &part);
    return part;
}

/* What the header says of the parts, or, in the same order, their data. Returns the bytes of the latter. */
static size_t cn__put_parts(cn__text *t, const cn__parts *p, int data) {
    size_t i, size, length, at = 0;
    cn_part part;
    const char *s;
    for (size = 8; size; size /= 2)
        for (i = 0; i < p->count; i++) {
            part = cn__part_of(p, i);
            if (cn__type_size(part.value.type) != size) continue;
            length = cn__times(cn_count(part.value), size);
            if (data) {
                cn__put_tensor(t, &part.value);
                continue;
            }
            cn__put(t, at ? ",\"" : "\"");
            for (s = part.name; *s; s++) {
                if (*s == '"' || *s == '\\') cn__put(t, "\\");
                cn__put_bytes(t, s, 1);
            }
            cn__put(t, "\":{\"dtype\":\"");
            cn__put(t, cn__type_name[cn__type_written(part.value.type)]);
            cn__put(t, "\",\"shape\":");
            cn__put_shape(t, &part.value, "[", ",", "]");
            cn__put(t, ",\"data_offsets\":[");
            cn__put_size(t, at);
            cn__put(t, ",");
            cn__put_size(t, at = cn__plus(at, length));
            cn__put(t, "]}");
        }
    return at;
}

static size_t cn__safe_write(const cn__parts *p, void *out, size_t capacity) {
    cn__text t = cn__text_at(NULL, 0);
    size_t data = cn__put_parts(&t, p, 0), header = (t.length + 2 + 7) / 8 * 8, total = cn__plus(8 + header, data);
    unsigned char length[8];
    if (!out || total > capacity) return total;
    t = cn__text_at(out, capacity);
    cn__set_bits(length, 8, 0, header);
    cn__put_bytes(&t, length, 8);
    cn__put(&t, "{");
    cn__put_parts(&t, p, 0);
    cn__put(&t, "}");
    while (t.length < 8 + header) cn__put(&t, " ");
    cn__put_parts(&t, p, 1);
    return total;
}

CN_API size_t cn_theta_write(const cn_net *net, const cn_real *theta, void *out, size_t capacity) {
    cn__parts p;
    if (!net || !theta) return 0;
    p.parts = NULL;
    p.net = net;
    p.theta = theta;
    p.count = cn_net_describe(net).parts;
    return cn__safe_write(&p, out, capacity);
}

CN_API size_t cn_parts_write(const cn_part *parts, size_t count, void *out, size_t capacity) {
    cn__parts p;
    size_t i, j, n;
    if (!parts || !count) return 0;
    for (i = 0; i < count; i++) {
        for (n = 0; n < sizeof parts[i].name && (unsigned char)parts[i].name[n] >= 32; n++) {
        }
        if (!n || n == sizeof parts[i].name || parts[i].name[n] || cn__same(parts[i].name, "__metadata__") ||
            !cn_count(parts[i].value) || !parts[i].value.data)
            return 0;
        for (j = 0; j < i; j++)
            if (cn__same(parts[i].name, parts[j].name)) return 0;
    }
    p.parts = parts;
    p.net = NULL;
    p.theta = NULL;
    p.count = count;
    return cn__safe_write(&p, out, capacity);
}

#ifndef CN_NO_STDIO
/* ---- the only place with stdio */

static const char *cn__why(void) { return errno ? strerror(errno) : "no reason is known"; }

#ifdef _WIN32
/* Windows takes Unicode paths as UTF-16 alone. 0: not UTF-8, or too long for out. */
enum { CN__PATH = 1024 };
static int cn__wide(const char *path, wchar_t *out) {
    size_t n = 0;
    while (*path) {
        const unsigned lead = (unsigned char)*path++, more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
        unsigned code = more ? lead & (0x3Fu >> more) : lead, i;
        if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4 || n + 3 > CN__PATH) return 0;
        for (i = 0; i < more; i++) {
            if (((unsigned char)*path & 0xC0) != 0x80) return 0;
            code = code << 6 | ((unsigned char)*path++ & 0x3F);
        }
        if (code >= 0x10000) out[n++] = (wchar_t)(0xD7C0 + (code >> 10));
        out[n++] = (wchar_t)(code < 0x10000 ? code : 0xDC00 | (code & 0x3FF));
    }
    out[n] = 0;
    return 1;
}
#endif

static FILE *cn__file_open(const char *path, int write) {
#ifdef _WIN32
    wchar_t wide[CN__PATH];
    if (cn__wide(path, wide)) return _wfopen(wide, write ? L"wb" : L"rb");
#endif
    return fopen(path, write ? "wb" : "rb");
}

static void cn__file_remove(const char *path) {
#ifdef _WIN32
    wchar_t wide[CN__PATH];
    if (cn__wide(path, wide)) {
        _wremove(wide);
        return;
    }
#endif
    remove(path);
}

static int cn__file_rename(const char *from, const char *to) {
#ifdef _WIN32
    wchar_t wide[CN__PATH], wide_to[CN__PATH];
    cn__file_remove(to); /* rename does not replace there */
    if (cn__wide(from, wide) && cn__wide(to, wide_to)) return _wrename(wide, wide_to);
#endif
    return rename(from, to);
}

static int64_t cn__file_length(FILE *f) /* negative where there is none */
{
#ifdef _WIN32 /* long has 32 bits there */
    return _fseeki64(f, 0, SEEK_END) ? -1 : _ftelli64(f);
#else
    return fseek(f, 0, SEEK_END) ? -1 : ftell(f);
#endif
}

/* fread and fwrite in pieces: some systems fail beyond 2^31 bytes. Returns what was read or written. */
enum { CN__PIECE = 1 << 30 };
static size_t cn__file_get(FILE *f, unsigned char *data, size_t bytes) {
    size_t done = 0, n = 1;
    for (; n && done < bytes; done += n) n = fread(data + done, 1, CN__MIN(bytes - done, (size_t)CN__PIECE), f);
    return done;
}

static size_t cn__file_put(FILE *f, const unsigned char *data, size_t bytes) {
    size_t done = 0, n = 1;
    for (; n && done < bytes; done += n) n = fwrite(data + done, 1, CN__MIN(bytes - done, (size_t)CN__PIECE), f);
    return done;
}

static int cn__file_read(cn__ws *w, const char *path, FILE *f, size_t bytes) {
    unsigned char *data = CN__TAKE(w, unsigned char, cn__plus(bytes, 1));
    size_t got;
    if (!w->base) return CN_OK;
    got = cn__file_get(f, data, bytes);
    if (got < bytes)
        return cn__fail(w->ctx, CN_E_FILE, "file '%s' has %z bytes, but only %z could be read: %s", path, bytes, got,
                        cn__why());
    if (fgetc(f) != EOF)
        return cn__fail(w->ctx, CN_E_FILE, "file '%s' has more than its %z bytes: an ordinary file is expected", path,
                        bytes);
    data[bytes] = 0;
    return CN_OK;
}

CN_API void *cn_file_read(cn_ctx *c, const char *path, size_t *bytes) {
    cn__ws w;
    void *data = NULL;
    int64_t length = 0;
    size_t n = 0;
    FILE *f;
    if (cn__begin(&w, c) != CN_OK) return NULL;
    if (!path) {
        cn__fail(c, CN_E_ARGUMENT, "file: the path is missing");
        return NULL;
    }
    errno = 0;
    f = cn__file_open(path, 0);
    if (!f) {
        cn__fail(c, CN_E_FILE, "file '%s' cannot be opened: %s", path, cn__why());
        return NULL;
    }
    if (fgetc(f) == EOF && ferror(f))
        cn__fail(c, CN_E_FILE, "file '%s' cannot be read: %s", path, cn__why());
    else if ((length = cn__file_length(f)) < 0 || fseek(f, 0, SEEK_SET))
        cn__fail(c, CN_E_FILE, "file '%s' has no length: an ordinary file is expected", path);
    else {
        n = (uint64_t)length < SIZE_MAX ? (size_t)length : SIZE_MAX; /* SIZE_MAX: refused as too large */
        CN__CREATE(w, c, void, data, cn__file_read(&w, path, f, n));
    }
    fclose(f);
    if (data && bytes) *bytes = n;
    return data;
}

static int cn__file_write(cn__ws *w, const char *path, const void *data, size_t bytes) {
    cn_ctx *c = w->ctx;
    size_t n = path ? strlen(path) : 0;
    char *partial;
    const char *why;
    FILE *f;
    int good;
    if (!data && bytes && c->status) return c->status; /* a chain that failed before */
    if (!n || (!data && bytes))
        return cn__fail(c, CN_E_ARGUMENT, "file: %s", n ? "the data are missing" : "the path is missing");
    partial = CN__TAKE(w, char, n + 9);
    if (!w->base) return CN_OK;
    memcpy(partial, path, n);
    memcpy(partial + n, ".partial", 9);
    errno = 0;
    f = cn__file_open(partial, 1);
    if (!f) return cn__fail(c, CN_E_FILE, "file '%s' cannot be written: %s", path, cn__why());
    good = cn__file_put(f, (const unsigned char *)data, bytes) == bytes;
    why = cn__why();
    if (fclose(f)) {
        if (good) why = cn__why();
        good = 0;
    }
    if (!good) {
        cn__file_remove(partial);
        return cn__fail(c, CN_E_FILE, "file '%s': its %z bytes could not all be written: %s", path, bytes, why);
    }
    if (cn__file_rename(partial, path)) {
        why = cn__why();
        cn__file_remove(partial);
        return cn__fail(c, CN_E_FILE, "file '%s' cannot be replaced: %s", path, why);
    }
    return CN_OK;
}

CN_API int cn_file_write(cn_ctx *c, const char *path, const void *data, size_t bytes) {
    cn__ws w;
    int status;
    CN__CALL(w, c, status, cn__file_write(&w, path, data, bytes));
    return status;
}
#endif /* CN_NO_STDIO */
#endif /* CN_NO_FILES */
#endif /* FLOOR 14 */

#endif /* CURVNOISE_IMPLEMENTATION */

/* CHANGELOG (feat, fix, perf, api, build, doc)
   0.2.0   api: cn_visit shows chunks, derivatives of the whole network, norms, factors, patches; cn_view names fields
           by symbols; cn_gram takes two points; cn_tic_curve gives results, cn_mls takes a descriptor; enumerators
           carry their family's prefix (CN_METHOD_, CN_OP_, CN_TYPE_, CN_NOISE_, CN_AXIS_, CN_LOSS_, CN_RULE_); cn_gap
           is cn_perturbation_gap, cn_row cn_tensor_row; cn_density writes a cn_density_curve.
           feat: cn_net_item, cn_op_item, cn_op_diagonal, cn_kronecker, cn_orthonormal, cn_forward, cn_gradient, cn_gv,
           problems without labels, augmentation, CN_VERSION, Windows; TIC by quadrature, of diagonals, of layers;
           cn_compare, cn_influence, cn_leave_one_out, cn_noise_scale, cn_alignment, cn_effective_dimension,
           cn_gradient_share, cn_worst_sharpness, the MLS family. fix: memory measured as it is used, answers block
           nothing, labels checked at use, streams of random numbers by purpose, results under -Ofast, batches of one
           sample, AUTO never spends more than the probes given.
   0.1.0   feat: the first version: all layers and their derivatives, operators, traces, densities, eigenpairs, TIC,
           similarities, MLS, TPV, SGD, momentum, SAM, NSO; npy, safetensors, IDX and CIFAR-10 files.

   LICENCE. Choose one of:

   A. MIT. Copyright (c) 2026 the curvnoise.h authors. Permission is hereby granted, free of charge, to any person
   obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software
   without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute,
   sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so,
   subject to the following conditions: The above copyright notice and this permission notice shall be included in all
   copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND,
   EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE
   AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
   LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
   SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.

   B. Public domain (www.unlicense.org). This is free and unencumbered software released into the public domain. Anyone
   is free to copy, modify, publish, use, compile, sell, or distribute this software, either in source code form or as a
   compiled binary, for any purpose, commercial or non-commercial, and by any means. */
