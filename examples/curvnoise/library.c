/* library.c: curvnoise.h itself, compiled once for the whole command line. */
#define CURVNOISE_IMPLEMENTATION
#include "cli.h"
