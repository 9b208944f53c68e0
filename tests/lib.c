/* The library as one object, which the tests link. */
#define CURVNOISE_IMPLEMENTATION
#include "../curvnoise.h"
