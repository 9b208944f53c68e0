/* golden_files.h: small files as numpy, PyTorch and a plain writer of safetensors make them. Made by golden_files.py; do not edit. */
#ifndef GOLDEN_FILES_H
#define GOLDEN_FILES_H

static const unsigned char file_0[] =
"\223NUMPY\1\0v\0{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\0V\0166\34)";
enum { file_0_bytes = 134 };
static const double held_0[6] = {
    0, 86, 14, 54, 28, 41
};
static const unsigned char file_1[] =
"\223NUMPY\1\0v\0{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\0006V\34\16)";
enum { file_1_bytes = 134 };
static const double held_1[6] = {
    0, 86, 14, 54, 28, 41
};
static const unsigned char file_2[] =
"\223NUMPY\1\0v\0{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\200+\343\34\2\27";
enum { file_2_bytes = 134 };
static const double held_2[6] = {
    -128, 43, -29, 28, 2, 23
};
static const unsigned char file_3[] =
"\223NUMPY\1\0v\0{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\200\34+\2\343\27";
enum { file_3_bytes = 134 };
static const double held_3[6] = {
    -128, 43, -29, 28, 2, 23
};
static const unsigned char file_4[] =
"\223NUMPY\1\0v\0{'descr': '<u2', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\0\0VU\16\00063\34\0\227$";
enum { file_4_bytes = 140 };
static const double held_4[6] = {
    0, 21846, 14, 13110, 28, 9367
};
static const unsigned char file_5[] =
"\223NUMPY\1\0v\0{'descr': '<u2', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\0\00063VU\34\0\16\0\227$";
enum { file_5_bytes = 140 };
static const double held_5[6] = {
    0, 21846, 14, 13110, 28, 9367
};
static const unsigned char file_6[] =
"\223NUMPY\1\0v\0{'descr': '>u2', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\0\0UV\0\01636\0\34$\227";
enum { file_6_bytes = 140 };
static const double held_6[6] = {
    0, 21846, 14, 13110, 28, 9367
};
static const unsigned char file_7[] =
"\223NUMPY\1\0v\0{'descr': '>u2', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\0\00036UV\0\34\0\16$\227";
enum { file_7_bytes = 140 };
static const double held_7[6] = {
    0, 21846, 14, 13110, 28, 9367
};
static const unsigned char file_8[] =
"\223NUMPY\1\0v\0{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\0\200\253*c\325\234\31\202\346N\22";
enum { file_8_bytes = 140 };
static const double held_8[6] = {
    -32768, 10923, -10909, 6556, -6526, 4686
};
static const unsigned char file_9[] =
"\223NUMPY\1\0v\0{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\0\200\234\31\253*\202\346c\325N\22";
enum { file_9_bytes = 140 };
static const double held_9[6] = {
    -32768, 10923, -10909, 6556, -6526, 4686
};
static const unsigned char file_10[] =
"\223NUMPY\1\0v\0{'descr': '>i2', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\200\0*\253\325c\31\234\346\202\22N";
enum { file_10_bytes = 140 };
static const double held_10[6] = {
    -32768, 10923, -10909, 6556, -6526, 4686
};
static const unsigned char file_11[] =
"\223NUMPY\1\0v\0{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\200\0\31\234*\253\346\202\325c\22N";
enum { file_11_bytes = 140 };
static const double held_11[6] = {
    -32768, 10923, -10909, 6556, -6526, 4686
};
static const unsigned char file_12[] =
"\223NUMPY\1\0v\0{'descr': '<u4', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\0\0\0\0VUUU\16\0\0\0006333\34\0\0\0)I\222$";
enum { file_12_bytes = 152 };
static const double held_12[6] = {
    0, 1431655766, 14, 858993462, 28, 613566761
};
static const unsigned char file_13[] =
"\223NUMPY\1\0v\0{'descr': '<u4', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\0\0\0\0006333VUUU\34\0\0\0\16\0\0\0)I\222$";
enum { file_13_bytes = 152 };
static const double held_13[6] = {
    0, 1431655766, 14, 858993462, 28, 613566761
};
static const unsigned char file_14[] =
"\223NUMPY\1\0v\0{'descr': '>u4', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\0\0\0\0UUUV\0\0\0\0163336\0\0\0\34$\222I)";
enum { file_14_bytes = 152 };
static const double held_14[6] = {
    0, 1431655766, 14, 858993462, 28, 613566761
};
static const unsigned char file_15[] =
"\223NUMPY\1\0v\0{'descr': '>u4', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\0\0\0\0003336UUUV\0\0\0\34\0\0\0\16$\222I)";
enum { file_15_bytes = 152 };
static const double held_15[6] = {
    0, 1431655766, 14, 858993462, 28, 613566761
};
static const unsigned char file_16[] =
"\223NUMPY\1\0v\0{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\0\0\0\200\253\252\252*cUU\325\234\231\231\31\202ff\346\227$I\22";
enum { file_16_bytes = 152 };
static const double held_16[6] = {
    -2147483648, 715827883, -715827869, 429496732, -429496702, 306783383
};
static const unsigned char file_17[] =
"\223NUMPY\1\0v\0{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\0\0\0\200\234\231\231\31\253\252\252*\202ff\346cUU\325\227$I\22";
enum { file_17_bytes = 152 };
static const double held_17[6] = {
    -2147483648, 715827883, -715827869, 429496732, -429496702, 306783383
};
static const unsigned char file_18[] =
"\223NUMPY\1\0v\0{'descr': '>i4', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\200\0\0\0*\252\252\253\325UUc\31\231\231\234\346ff\202\22I$\227";
enum { file_18_bytes = 152 };
static const double held_18[6] = {
    -2147483648, 715827883, -715827869, 429496732, -429496702, 306783383
};
static const unsigned char file_19[] =
"\223NUMPY\1\0v\0{'descr': '>i4', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\200\0\0\0\31\231\231\234*\252\252\253\346ff\202\325UUc\22I$\227";
enum { file_19_bytes = 152 };
static const double held_19[6] = {
    -2147483648, 715827883, -715827869, 429496732, -429496702, 306783383
};
static const unsigned char file_20[] =
"\223NUMPY\1\0v\0{'descr': '<u8', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\0\0\0\0\0\0\0\0\0PUUUUUU\0\0\0\0\0\0\0\0\0000333333\0\0\0\0\0\0\0\0\0 I\222$I\222$";
enum { file_20_bytes = 176 };
static const double held_20[6] = {
    0, 6.148914691236516e+18, 0, 3.6893488147419095e+18, 0, 2.6352491533870776e+18
};
static const unsigned char file_21[] =
"\223NUMPY\1\0v\0{'descr': '<u8', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\0\0\0\0\0\0\0\0\0000333333\0PUUUUUU\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0 I\222$I\222$";
enum { file_21_bytes = 176 };
static const double held_21[6] = {
    0, 6.148914691236516e+18, 0, 3.6893488147419095e+18, 0, 2.6352491533870776e+18
};
static const unsigned char file_22[] =
"\223NUMPY\1\0v\0{'descr': '>u8', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\0\0\0\0\0\0\0\0UUUUUUP\0\0\0\0\0\0\0\0\0003333330\0\0\0\0\0\0\0\0\0$\222I$\222I \0";
enum { file_22_bytes = 176 };
static const double held_22[6] = {
    0, 6.148914691236516e+18, 0, 3.6893488147419095e+18, 0, 2.6352491533870776e+18
};
static const unsigned char file_23[] =
"\223NUMPY\1\0v\0{'descr': '>u8', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\0\0\0\0\0\0\0\0003333330\0UUUUUUP\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0$\222I$\222I \0";
enum { file_23_bytes = 176 };
static const double held_23[6] = {
    0, 6.148914691236516e+18, 0, 3.6893488147419095e+18, 0, 2.6352491533870776e+18
};
static const unsigned char file_24[] =
"\223NUMPY\1\0v\0{'descr': '<i8', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\0\0\0\0\0\0\0\200\0\240\252\252\252\252\252*\0PUUUUU\325\0\220\231\231\231\231\231\31"
"\0`fffff\346\0\220$I\222$I\22";
enum { file_24_bytes = 176 };
static const double held_24[6] = {
    -9.223372036854776e+18, 3.074457345618256e+18, -3.07445734561826e+18, 1.8446744073709527e+18, -1.8446744073709568e+18, 1.3176245766935388e+18
};
static const unsigned char file_25[] =
"\223NUMPY\1\0v\0{'descr': '<i8', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\0\0\0\0\0\0\0\200\0\220\231\231\231\231\231\31\0\240\252\252\252\252\252*\0`fffff\346"
"\0PUUUUU\325\0\220$I\222$I\22";
enum { file_25_bytes = 176 };
static const double held_25[6] = {
    -9.223372036854776e+18, 3.074457345618256e+18, -3.07445734561826e+18, 1.8446744073709527e+18, -1.8446744073709568e+18, 1.3176245766935388e+18
};
static const unsigned char file_26[] =
"\223NUMPY\1\0v\0{'descr': '>i8', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\200\0\0\0\0\0\0\0*\252\252\252\252\252\240\0\325UUUUUP\0\31\231\231\231\231\231\220"
"\0\346fffff`\0\22I$\222I$\220\0";
enum { file_26_bytes = 176 };
static const double held_26[6] = {
    -9.223372036854776e+18, 3.074457345618256e+18, -3.07445734561826e+18, 1.8446744073709527e+18, -1.8446744073709568e+18, 1.3176245766935388e+18
};
static const unsigned char file_27[] =
"\223NUMPY\1\0v\0{'descr': '>i8', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\200\0\0\0\0\0\0\0\31\231\231\231\231\231\220\0*\252\252\252\252\252\240\0\346fffff`"
"\0\325UUUUUP\0\22I$\222I$\220\0";
enum { file_27_bytes = 176 };
static const double held_27[6] = {
    -9.223372036854776e+18, 3.074457345618256e+18, -3.07445734561826e+18, 1.8446744073709527e+18, -1.8446744073709568e+18, 1.3176245766935388e+18
};
static const unsigned char file_28[] =
"\223NUMPY\1\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\0P \300\0H\220\277\0@\200>\0h\320\?\0`@@\0F\214@";
enum { file_28_bytes = 152 };
static const double held_28[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char file_29[] =
"\223NUMPY\1\0v\0{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\0P \300\0h\320\?\0H\220\277\0`@@\0@\200>\0F\214@";
enum { file_29_bytes = 152 };
static const double held_29[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char file_30[] =
"\223NUMPY\1\0v\0{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\300 P\0\277\220H\0>\200@\0\?\320h\0@@`\0@\214F\0";
enum { file_30_bytes = 152 };
static const double held_30[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char file_31[] =
"\223NUMPY\1\0v\0{'descr': '>f4', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\300 P\0\?\320h\0\277\220H\0@@`\0>\200@\0@\214F\0";
enum { file_31_bytes = 152 };
static const double held_31[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char file_32[] =
"\223NUMPY\1\0v\0{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\0\0\0\0\0\12\4\300\0\0\0\0\0\11\362\277\0\0\0\0\0\10\320\?\0\0\0\0\0\15\372\?\0\0\0"
"\0\0\14\10@\0\0\0\0\300\210\21@";
enum { file_32_bytes = 176 };
static const double held_32[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char file_33[] =
"\223NUMPY\1\0v\0{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\0\0\0\0\0\12\4\300\0\0\0\0\0\15\372\?\0\0\0\0\0\11\362\277\0\0\0\0\0\14\10@\0\0\0\0"
"\0\10\320\?\0\0\0\0\300\210\21@";
enum { file_33_bytes = 176 };
static const double held_33[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char file_34[] =
"\223NUMPY\1\0v\0{'descr': '>f8', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\300\4\12\0\0\0\0\0\277\362\11\0\0\0\0\0\?\320\10\0\0\0\0\0\?\372\15\0\0\0\0\0@\10\14"
"\0\0\0\0\0@\21\210\300\0\0\0\0";
enum { file_34_bytes = 176 };
static const double held_34[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char file_35[] =
"\223NUMPY\1\0v\0{'descr': '>f8', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\300\4\12\0\0\0\0\0\?\372\15\0\0\0\0\0\277\362\11\0\0\0\0\0@\10\14\0\0\0\0\0\?\320\10"
"\0\0\0\0\0@\21\210\300\0\0\0\0";
enum { file_35_bytes = 176 };
static const double held_35[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char file_36[] =
"\223NUMPY\1\0v\0{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\0\301\200\274\0004\200>\0B\3\0";
enum { file_36_bytes = 140 };
static const double held_36[6] = {
    -2.5, -1.125, 0.25, 1.625, 3, 1.7881393432617188e-07
};
static const unsigned char file_37[] =
"\223NUMPY\1\0v\0{'descr': '<f2', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\0\301\200>\200\274\0B\0004\3\0";
enum { file_37_bytes = 140 };
static const double held_37[6] = {
    -2.5, -1.125, 0.25, 1.625, 3, 1.7881393432617188e-07
};
static const unsigned char file_38[] =
"\223NUMPY\1\0v\0{'descr': '>f2', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\301\0\274\2004\0>\200B\0\0\3";
enum { file_38_bytes = 140 };
static const double held_38[6] = {
    -2.5, -1.125, 0.25, 1.625, 3, 1.7881393432617188e-07
};
static const unsigned char file_39[] =
"\223NUMPY\1\0v\0{'descr': '>f2', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\301\0>\200\274\200B\0004\0\0\3";
enum { file_39_bytes = 140 };
static const double held_39[6] = {
    -2.5, -1.125, 0.25, 1.625, 3, 1.7881393432617188e-07
};
static const unsigned char file_40[] =
"\223NUMPY\1\0v\0{'descr': '|b1', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\1\0\1\1\0\1";
enum { file_40_bytes = 134 };
static const double held_40[6] = {
    1, 0, 1, 1, 0, 1
};
static const unsigned char file_41[] =
"\223NUMPY\1\0v\0{'descr': '|b1', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\1\1\0\0\1\1";
enum { file_41_bytes = 134 };
static const double held_41[6] = {
    1, 0, 1, 1, 0, 1
};
static const unsigned char file_42[] =
"\223NUMPY\1\0v\0{'descr': '<i2', 'fortran_order': False, 'shape': (), }                                       "
"                       \12\0\200";
enum { file_42_bytes = 130 };
static const double held_42[1] = {
    -32768
};
static const unsigned char file_43[] =
"\223NUMPY\1\0v\0{'descr': '<i2', 'fortran_order': False, 'shape': (), }                                       "
"                       \12\0\200";
enum { file_43_bytes = 130 };
static const double held_43[1] = {
    -32768
};
static const unsigned char file_44[] =
"\223NUMPY\1\0v\0{'descr': '<i2', 'fortran_order': False, 'shape': (5,), }                                     "
"                       \12\0\200\253*c\325\234\31\202\346";
enum { file_44_bytes = 138 };
static const double held_44[5] = {
    -32768, 10923, -10909, 6556, -6526
};
static const unsigned char file_45[] =
"\223NUMPY\1\0v\0{'descr': '<i2', 'fortran_order': False, 'shape': (5,), }                                     "
"                       \12\0\200\253*c\325\234\31\202\346";
enum { file_45_bytes = 138 };
static const double held_45[5] = {
    -32768, 10923, -10909, 6556, -6526
};
static const unsigned char file_46[] =
"\223NUMPY\1\0v\0{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\0\200\253*c\325\234\31\202\346N\22";
enum { file_46_bytes = 140 };
static const double held_46[6] = {
    -32768, 10923, -10909, 6556, -6526, 4686
};
static const unsigned char file_47[] =
"\223NUMPY\1\0v\0{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }                                    "
"                       \12\0\200\234\31\253*\202\346c\325N\22";
enum { file_47_bytes = 140 };
static const double held_47[6] = {
    -32768, 10923, -10909, 6556, -6526, 4686
};
static const unsigned char file_48[] =
"\223NUMPY\1\0v\0{'descr': '<i2', 'fortran_order': False, 'shape': (2, 1, 3), }                                "
"                       \12\0\200\253*c\325\234\31\202\346N\22";
enum { file_48_bytes = 140 };
static const double held_48[6] = {
    -32768, 10923, -10909, 6556, -6526, 4686
};
static const unsigned char file_49[] =
"\223NUMPY\1\0v\0{'descr': '<i2', 'fortran_order': True, 'shape': (2, 1, 3), }                                 "
"                       \12\0\200\234\31\253*\202\346c\325N\22";
enum { file_49_bytes = 140 };
static const double held_49[6] = {
    -32768, 10923, -10909, 6556, -6526, 4686
};
static const unsigned char file_50[] =
"\223NUMPY\1\0v\0{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2, 1, 2), }                             "
"                       \12\0\200\253*c\325\234\31\202\346N\22\340\355\?\16";
enum { file_50_bytes = 144 };
static const double held_50[8] = {
    -32768, 10923, -10909, 6556, -6526, 4686, -4640, 3647
};
static const unsigned char file_51[] =
"\223NUMPY\1\0v\0{'descr': '<i2', 'fortran_order': True, 'shape': (2, 2, 1, 2), }                              "
"                       \12\0\200\202\346c\325\340\355\253*N\22\234\31\?\16";
enum { file_51_bytes = 144 };
static const double held_51[8] = {
    -32768, 10923, -10909, 6556, -6526, 4686, -4640, 3647
};
static const unsigned char file_52[] =
"\223NUMPY\2\0t\0\0\0{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }                               "
"                         \12\0P \300\0H\220\277\0@\200>\0h\320\?\0`@@\0F\214@";
enum { file_52_bytes = 152 };
static const double held_52[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char file_53[] =
"\223NUMPY\3\0t\0\0\0{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }                               "
"                         \12\0P \300\0H\220\277\0@\200>\0h\320\?\0`@@\0F\214@";
enum { file_53_bytes = 152 };
static const double held_53[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char file_54[] =
"\0\0\10\1\0\0\0\5\0V\0166\34";
enum { file_54_bytes = 13 };
static const double held_54[5] = {
    0, 86, 14, 54, 28
};
static const unsigned char file_55[] =
"\0\0\10\2\0\0\0\2\0\0\0\3\0V\0166\34)";
enum { file_55_bytes = 18 };
static const double held_55[6] = {
    0, 86, 14, 54, 28, 41
};
static const unsigned char file_56[] =
"\0\0\10\4\0\0\0\2\0\0\0\2\0\0\0\1\0\0\0\2\0V\0166\34)*#";
enum { file_56_bytes = 28 };
static const double held_56[8] = {
    0, 86, 14, 54, 28, 41, 42, 35
};
static const unsigned char file_57[] =
"\0\0\11\1\0\0\0\5\200+\343\34\2";
enum { file_57_bytes = 13 };
static const double held_57[5] = {
    -128, 43, -29, 28, 2
};
static const unsigned char file_58[] =
"\0\0\11\2\0\0\0\2\0\0\0\3\200+\343\34\2\27";
enum { file_58_bytes = 18 };
static const double held_58[6] = {
    -128, 43, -29, 28, 2, 23
};
static const unsigned char file_59[] =
"\0\0\11\4\0\0\0\2\0\0\0\2\0\0\0\1\0\0\0\2\200+\343\34\2\27\27\25";
enum { file_59_bytes = 28 };
static const double held_59[8] = {
    -128, 43, -29, 28, 2, 23, 23, 21
};
static const unsigned char file_60[] =
"\0\0\13\1\0\0\0\5\200\0*\253\325c\31\234\346\202";
enum { file_60_bytes = 18 };
static const double held_60[5] = {
    -32768, 10923, -10909, 6556, -6526
};
static const unsigned char file_61[] =
"\0\0\13\2\0\0\0\2\0\0\0\3\200\0*\253\325c\31\234\346\202\22N";
enum { file_61_bytes = 24 };
static const double held_61[6] = {
    -32768, 10923, -10909, 6556, -6526, 4686
};
static const unsigned char file_62[] =
"\0\0\13\4\0\0\0\2\0\0\0\2\0\0\0\1\0\0\0\2\200\0*\253\325c\31\234\346\202\22N\355\340\16\?";
enum { file_62_bytes = 36 };
static const double held_62[8] = {
    -32768, 10923, -10909, 6556, -6526, 4686, -4640, 3647
};
static const unsigned char file_63[] =
"\0\0\14\1\0\0\0\5\200\0\0\0*\252\252\253\325UUc\31\231\231\234\346ff\202";
enum { file_63_bytes = 28 };
static const double held_63[5] = {
    -2147483648, 715827883, -715827869, 429496732, -429496702
};
static const unsigned char file_64[] =
"\0\0\14\2\0\0\0\2\0\0\0\3\200\0\0\0*\252\252\253\325UUc\31\231\231\234\346ff\202\22I$\227";
enum { file_64_bytes = 36 };
static const double held_64[6] = {
    -2147483648, 715827883, -715827869, 429496732, -429496702, 306783383
};
static const unsigned char file_65[] =
"\0\0\14\4\0\0\0\2\0\0\0\2\0\0\0\1\0\0\0\2\200\0\0\0*\252\252\253\325UUc\31\231\231\234\346ff\202\22I$\227\355\266"
"\333\227\0168\343\225";
enum { file_65_bytes = 52 };
static const double held_65[8] = {
    -2147483648, 715827883, -715827869, 429496732, -429496702, 306783383, -306783337, 238609301
};
static const unsigned char file_66[] =
"\0\0\15\1\0\0\0\5\300 P\0\277\220H\0>\200@\0\?\320h\0@@`\0";
enum { file_66_bytes = 28 };
static const double held_66[5] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375
};
static const unsigned char file_67[] =
"\0\0\15\2\0\0\0\2\0\0\0\3\300 P\0\277\220H\0>\200@\0\?\320h\0@@`\0@\214F\0";
enum { file_67_bytes = 36 };
static const double held_67[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char file_68[] =
"\0\0\15\4\0\0\0\2\0\0\0\2\0\0\0\1\0\0\0\2\300 P\0\277\220H\0>\200@\0\?\320h\0@@`\0@\214F\0@\270\\\0@\344r\0";
enum { file_68_bytes = 52 };
static const double held_68[8] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875, 5.76123046875, 7.138916015625
};
static const unsigned char file_69[] =
"\0\0\16\1\0\0\0\5\300\4\12\0\0\0\0\0\277\362\11\0\0\0\0\0\?\320\10\0\0\0\0\0\?\372\15\0\0\0\0\0@\10\14\0\0\0\0"
"\0";
enum { file_69_bytes = 48 };
static const double held_69[5] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375
};
static const unsigned char file_70[] =
"\0\0\16\2\0\0\0\2\0\0\0\3\300\4\12\0\0\0\0\0\277\362\11\0\0\0\0\0\?\320\10\0\0\0\0\0\?\372\15\0\0\0\0\0@\10\14"
"\0\0\0\0\0@\21\210\300\0\0\0\0";
enum { file_70_bytes = 60 };
static const double held_70[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char file_71[] =
"\0\0\16\4\0\0\0\2\0\0\0\2\0\0\0\1\0\0\0\2\300\4\12\0\0\0\0\0\277\362\11\0\0\0\0\0\?\320\10\0\0\0\0\0\?\372\15\0"
"\0\0\0\0@\10\14\0\0\0\0\0@\21\210\300\0\0\0\0@\27\13\200\0\0\0\0@\34\216@\0\0\0\0";
enum { file_71_bytes = 84 };
static const double held_71[8] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875, 5.76123046875, 7.138916015625
};
static const unsigned char file_72[] =
"8\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"U8\",\"shape\":[2,3],\"data_offsets\":[0,6]}} \0V\0166\34)";
enum { file_72_bytes = 70 };
static const double held_72[6] = {
    0, 86, 14, 54, 28, 41
};
static const unsigned char file_73[] =
"\320\0\0\0\0\0\0\0{\"__metadata__\":{\"format\":\"pt\"},\"before\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offs"
"ets\":[0,3]},\"w\":{\"dtype\":\"U8\",\"shape\":[2,3],\"data_offsets\":[3,9]},\"behind\":{\"dtype\":\"BOOL\",\""
"shape\":[],\"data_offsets\":[9,10]}}      abc\0V\0166\34)\1";
enum { file_73_bytes = 226 };
static const double held_73[6] = {
    0, 86, 14, 54, 28, 41
};
static const unsigned char file_74[] =
"8\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"I8\",\"shape\":[2,3],\"data_offsets\":[0,6]}} \200+\343\34\2\27";
enum { file_74_bytes = 70 };
static const double held_74[6] = {
    -128, 43, -29, 28, 2, 23
};
static const unsigned char file_75[] =
"\320\0\0\0\0\0\0\0{\"__metadata__\":{\"format\":\"pt\"},\"before\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offs"
"ets\":[0,3]},\"w\":{\"dtype\":\"I8\",\"shape\":[2,3],\"data_offsets\":[3,9]},\"behind\":{\"dtype\":\"BOOL\",\""
"shape\":[],\"data_offsets\":[9,10]}}      abc\200+\343\34\2\27\1";
enum { file_75_bytes = 226 };
static const double held_75[6] = {
    -128, 43, -29, 28, 2, 23
};
static const unsigned char file_76[] =
"@\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"U16\",\"shape\":[2,3],\"data_offsets\":[0,12]}}       \0\0VU\16\00063\34\0\227"
"$";
enum { file_76_bytes = 84 };
static const double held_76[6] = {
    0, 21846, 14, 13110, 28, 9367
};
static const unsigned char file_77[] =
"\320\0\0\0\0\0\0\0{\"__metadata__\":{\"format\":\"pt\"},\"before\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offs"
"ets\":[0,3]},\"w\":{\"dtype\":\"U16\",\"shape\":[2,3],\"data_offsets\":[3,15]},\"behind\":{\"dtype\":\"BOOL\","
"\"shape\":[],\"data_offsets\":[15,16]}}   abc\0\0VU\16\00063\34\0\227$\1";
enum { file_77_bytes = 232 };
static const double held_77[6] = {
    0, 21846, 14, 13110, 28, 9367
};
static const unsigned char file_78[] =
"@\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"I16\",\"shape\":[2,3],\"data_offsets\":[0,12]}}       \0\200\253*c\325\234\31"
"\202\346N\22";
enum { file_78_bytes = 84 };
static const double held_78[6] = {
    -32768, 10923, -10909, 6556, -6526, 4686
};
static const unsigned char file_79[] =
"\320\0\0\0\0\0\0\0{\"__metadata__\":{\"format\":\"pt\"},\"before\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offs"
"ets\":[0,3]},\"w\":{\"dtype\":\"I16\",\"shape\":[2,3],\"data_offsets\":[3,15]},\"behind\":{\"dtype\":\"BOOL\","
"\"shape\":[],\"data_offsets\":[15,16]}}   abc\0\200\253*c\325\234\31\202\346N\22\1";
enum { file_79_bytes = 232 };
static const double held_79[6] = {
    -32768, 10923, -10909, 6556, -6526, 4686
};
static const unsigned char file_80[] =
"@\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"U32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}       \0\0\0\0VUUU\16\0\0\000"
"6333\34\0\0\0)I\222$";
enum { file_80_bytes = 96 };
static const double held_80[6] = {
    0, 1431655766, 14, 858993462, 28, 613566761
};
static const unsigned char file_81[] =
"\320\0\0\0\0\0\0\0{\"__metadata__\":{\"format\":\"pt\"},\"before\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offs"
"ets\":[0,3]},\"w\":{\"dtype\":\"U32\",\"shape\":[2,3],\"data_offsets\":[3,27]},\"behind\":{\"dtype\":\"BOOL\","
"\"shape\":[],\"data_offsets\":[27,28]}}   abc\0\0\0\0VUUU\16\0\0\0006333\34\0\0\0)I\222$\1";
enum { file_81_bytes = 244 };
static const double held_81[6] = {
    0, 1431655766, 14, 858993462, 28, 613566761
};
static const unsigned char file_82[] =
"@\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"I32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}       \0\0\0\200\253\252\252"
"*cUU\325\234\231\231\31\202ff\346\227$I\22";
enum { file_82_bytes = 96 };
static const double held_82[6] = {
    -2147483648, 715827883, -715827869, 429496732, -429496702, 306783383
};
static const unsigned char file_83[] =
"\320\0\0\0\0\0\0\0{\"__metadata__\":{\"format\":\"pt\"},\"before\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offs"
"ets\":[0,3]},\"w\":{\"dtype\":\"I32\",\"shape\":[2,3],\"data_offsets\":[3,27]},\"behind\":{\"dtype\":\"BOOL\","
"\"shape\":[],\"data_offsets\":[27,28]}}   abc\0\0\0\200\253\252\252*cUU\325\234\231\231\31\202ff\346\227$I\22\1";
enum { file_83_bytes = 244 };
static const double held_83[6] = {
    -2147483648, 715827883, -715827869, 429496732, -429496702, 306783383
};
static const unsigned char file_84[] =
"@\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"U64\",\"shape\":[2,3],\"data_offsets\":[0,48]}}       \0\0\0\0\0\0\0\0\0PUU"
"UUUU\0\0\0\0\0\0\0\0\0000333333\0\0\0\0\0\0\0\0\0 I\222$I\222$";
enum { file_84_bytes = 120 };
static const double held_84[6] = {
    0, 6.148914691236516e+18, 0, 3.6893488147419095e+18, 0, 2.6352491533870776e+18
};
static const unsigned char file_85[] =
"\320\0\0\0\0\0\0\0{\"__metadata__\":{\"format\":\"pt\"},\"before\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offs"
"ets\":[0,3]},\"w\":{\"dtype\":\"U64\",\"shape\":[2,3],\"data_offsets\":[3,51]},\"behind\":{\"dtype\":\"BOOL\","
"\"shape\":[],\"data_offsets\":[51,52]}}   abc\0\0\0\0\0\0\0\0\0PUUUUUU\0\0\0\0\0\0\0\0\0000333333\0\0\0\0\0\0\0"
"\0\0 I\222$I\222$\1";
enum { file_85_bytes = 268 };
static const double held_85[6] = {
    0, 6.148914691236516e+18, 0, 3.6893488147419095e+18, 0, 2.6352491533870776e+18
};
static const unsigned char file_86[] =
"@\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"I64\",\"shape\":[2,3],\"data_offsets\":[0,48]}}       \0\0\0\0\0\0\0\200\0\240"
"\252\252\252\252\252*\0PUUUUU\325\0\220\231\231\231\231\231\31\0`fffff\346\0\220$I\222$I\22";
enum { file_86_bytes = 120 };
static const double held_86[6] = {
    -9.223372036854776e+18, 3.074457345618256e+18, -3.07445734561826e+18, 1.8446744073709527e+18, -1.8446744073709568e+18, 1.3176245766935388e+18
};
static const unsigned char file_87[] =
"\320\0\0\0\0\0\0\0{\"__metadata__\":{\"format\":\"pt\"},\"before\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offs"
"ets\":[0,3]},\"w\":{\"dtype\":\"I64\",\"shape\":[2,3],\"data_offsets\":[3,51]},\"behind\":{\"dtype\":\"BOOL\","
"\"shape\":[],\"data_offsets\":[51,52]}}   abc\0\0\0\0\0\0\0\200\0\240\252\252\252\252\252*\0PUUUUU\325\0\220\231"
"\231\231\231\231\31\0`fffff\346\0\220$I\222$I\22\1";
enum { file_87_bytes = 268 };
static const double held_87[6] = {
    -9.223372036854776e+18, 3.074457345618256e+18, -3.07445734561826e+18, 1.8446744073709527e+18, -1.8446744073709568e+18, 1.3176245766935388e+18
};
static const unsigned char file_88[] =
"@\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}       \0P \300\0H\220\277\0"
"@\200>\0h\320\?\0`@@\0F\214@";
enum { file_88_bytes = 96 };
static const double held_88[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char file_89[] =
"\320\0\0\0\0\0\0\0{\"__metadata__\":{\"format\":\"pt\"},\"before\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offs"
"ets\":[0,3]},\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[3,27]},\"behind\":{\"dtype\":\"BOOL\","
"\"shape\":[],\"data_offsets\":[27,28]}}   abc\0P \300\0H\220\277\0@\200>\0h\320\?\0`@@\0F\214@\1";
enum { file_89_bytes = 244 };
static const double held_89[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char file_90[] =
"@\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"F64\",\"shape\":[2,3],\"data_offsets\":[0,48]}}       \0\0\0\0\0\12\4\300\0"
"\0\0\0\0\11\362\277\0\0\0\0\0\10\320\?\0\0\0\0\0\15\372\?\0\0\0\0\0\14\10@\0\0\0\0\300\210\21@";
enum { file_90_bytes = 120 };
static const double held_90[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char file_91[] =
"\320\0\0\0\0\0\0\0{\"__metadata__\":{\"format\":\"pt\"},\"before\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offs"
"ets\":[0,3]},\"w\":{\"dtype\":\"F64\",\"shape\":[2,3],\"data_offsets\":[3,51]},\"behind\":{\"dtype\":\"BOOL\","
"\"shape\":[],\"data_offsets\":[51,52]}}   abc\0\0\0\0\0\12\4\300\0\0\0\0\0\11\362\277\0\0\0\0\0\10\320\?\0\0\0"
"\0\0\15\372\?\0\0\0\0\0\14\10@\0\0\0\0\300\210\21@\1";
enum { file_91_bytes = 268 };
static const double held_91[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char file_92[] =
"@\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"F16\",\"shape\":[2,3],\"data_offsets\":[0,12]}}       \0\301\200\274\0004\200"
">\0B\3\0";
enum { file_92_bytes = 84 };
static const double held_92[6] = {
    -2.5, -1.125, 0.25, 1.625, 3, 1.7881393432617188e-07
};
static const unsigned char file_93[] =
"\320\0\0\0\0\0\0\0{\"__metadata__\":{\"format\":\"pt\"},\"before\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offs"
"ets\":[0,3]},\"w\":{\"dtype\":\"F16\",\"shape\":[2,3],\"data_offsets\":[3,15]},\"behind\":{\"dtype\":\"BOOL\","
"\"shape\":[],\"data_offsets\":[15,16]}}   abc\0\301\200\274\0004\200>\0B\3\0\1";
enum { file_93_bytes = 232 };
static const double held_93[6] = {
    -2.5, -1.125, 0.25, 1.625, 3, 1.7881393432617188e-07
};
static const unsigned char file_94[] =
"@\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"BOOL\",\"shape\":[2,3],\"data_offsets\":[0,6]}}       \1\0\1\1\0\1";
enum { file_94_bytes = 78 };
static const double held_94[6] = {
    1, 0, 1, 1, 0, 1
};
static const unsigned char file_95[] =
"\320\0\0\0\0\0\0\0{\"__metadata__\":{\"format\":\"pt\"},\"before\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offs"
"ets\":[0,3]},\"w\":{\"dtype\":\"BOOL\",\"shape\":[2,3],\"data_offsets\":[3,9]},\"behind\":{\"dtype\":\"BOOL\","
"\"shape\":[],\"data_offsets\":[9,10]}}    abc\1\0\1\1\0\1\1";
enum { file_95_bytes = 226 };
static const double held_95[6] = {
    1, 0, 1, 1, 0, 1
};
static const unsigned char file_96[] =
"@\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"BF16\",\"shape\":[3,2],\"data_offsets\":[0,12]}}      \200\? \300a\177\1\0\0"
"\0\252\276";
enum { file_96_bytes = 84 };
static const double held_96[6] = {
    1, -2.5, 2.9907629905160607e+38, 9.183549615799121e-41, 0, -0.33203125
};
static const unsigned char file_97[] =
"P\1\0\0\0\0\0\0{\12 \"__metadata__\" : {\12  \"note\" : \"line\\nend \\u0000 \\ud83d\\ude00\" , \12  \"\" : \""
"\"\12 } , \12 \"a \\\"quoted\\\" \\\\ back\" : {\12  \"dtype\" : \"F32\" , \12  \"shape\" : [\12   2 , \12   1"
" , \12   3\12  ] , \12  \"data_offsets\" : [\12   0 , \12   24\12  ]\12 } , \12 \"\\u00e4\\u20ac\\ud83d\\ude00"
"\" : {\12  \"dtype\" : \"F32\" , \12  \"shape\" : [] , \12  \"data_offsets\" : [\12   24 , \12   28\12  ]\12 }"
"\12} \0P \300\0H\220\277\0@\200>\0h\320\?\0`@@\0F\214@\0P \300";
enum { file_97_bytes = 372 };
static const double held_97[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char file_98[] =
"P\1\0\0\0\0\0\0{\12 \"__metadata__\" : {\12  \"note\" : \"line\\nend \\u0000 \\ud83d\\ude00\" , \12  \"\" : \""
"\"\12 } , \12 \"a \\\"quoted\\\" \\\\ back\" : {\12  \"dtype\" : \"F32\" , \12  \"shape\" : [\12   2 , \12   1"
" , \12   3\12  ] , \12  \"data_offsets\" : [\12   0 , \12   24\12  ]\12 } , \12 \"\\u00e4\\u20ac\\ud83d\\ude00"
"\" : {\12  \"dtype\" : \"F32\" , \12  \"shape\" : [] , \12  \"data_offsets\" : [\12   24 , \12   28\12  ]\12 }"
"\12} \0P \300\0H\220\277\0@\200>\0h\320\?\0`@@\0F\214@\0P \300";
enum { file_98_bytes = 372 };
static const double held_98[1] = {
    -2.5048828125
};
static const unsigned char file_99[] =
"8\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"I32\",\"shape\":[],\"data_offsets\":[0,4]}}   \0\0\0\200";
enum { file_99_bytes = 68 };
static const double held_99[1] = {
    -2147483648
};
static const unsigned char state_file[] =
"\300\6\0\0\0\0\0\0{\"0.weight\":{\"dtype\":\"F32\",\"shape\":[2,2,3,3],\"data_offsets\":[0,144]},\"0.bias\":{\""
"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[144,152]},\"1.weight\":{\"dtype\":\"F32\",\"shape\":[2],\"data"
"_offsets\":[152,160]},\"1.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[160,168]},\"1.running_mean"
"\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[168,176]},\"1.running_var\":{\"dtype\":\"F32\",\"shape\""
":[2],\"data_offsets\":[176,184]},\"1.num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[1"
"84,192]},\"3.body.0.weight\":{\"dtype\":\"F32\",\"shape\":[2,1,3,3],\"data_offsets\":[192,264]},\"3.body.1.wei"
"ght\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[264,272]},\"3.body.1.bias\":{\"dtype\":\"F32\",\"shap"
"e\":[2],\"data_offsets\":[272,280]},\"3.body.1.running_mean\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\""
":[280,288]},\"3.body.1.running_var\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[288,296]},\"3.body.1.n"
"um_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[296,304]},\"4.body.0.weight\":{\"dtype\""
":\"F32\",\"shape\":[3,2,2,2],\"data_offsets\":[304,400]},\"4.body.0.bias\":{\"dtype\":\"F32\",\"shape\":[3],\""
"data_offsets\":[400,412]},\"4.skip.0.weight\":{\"dtype\":\"F32\",\"shape\":[3,2,1,1],\"data_offsets\":[412,436"
"]},\"4.skip.0.bias\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[436,448]},\"4.skip.1.weight\":{\"dtype"
"\":\"F32\",\"shape\":[3],\"data_offsets\":[448,460]},\"4.skip.1.bias\":{\"dtype\":\"F32\",\"shape\":[3],\"data"
"_offsets\":[460,472]},\"4.skip.1.running_mean\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[472,484]},\""
"4.skip.1.running_var\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[484,496]},\"4.skip.1.num_batches_tra"
"cked\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[496,504]},\"6.weight\":{\"dtype\":\"F32\",\"shape\":["
"3,12],\"data_offsets\":[504,648]},\"6.bias\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[648,660]}}    "
"  \0\0\274\276\0\0\340\275\0\0\314\276\0\0\211\277\0\0\300\276\0\0\244>\0\0\0\?\0\0\214\277\0\0\214>\0\0\200=\0"
"\0B\277\0\0\350\276\0\0\"\?\0\0\220=\0\0000\?\0\0@\276\0\0\20\277\0\0\206\?\0\0\210\276\0\0\314>\0\0\270\276\0"
"\0 \?\0\0*\277\0\0\30>\0\0@\275\0\0\200\?\0\0\270\276\0\0\234\276\0\0\240=\0\0P\?\0\0\300=\0\0L\277\0\0\224>\0"
"\0\6\277\0\0\4\277\0\0@>\0\0\0\0\0\0@>\0\0p\276\0\0\330>\0\0\214>\0\0\0\274\0\0H\276\0\0\230\276\0\0X\?\0\0\10"
"@{\0\0\0\0\0\0\0\0\0\30\276\0\0\300<\0\0@>\0\0\214>\0\0\344\276\0\0p>\0\0\244>\0\0*\?\0\0\30\276\0\0\0\274\0\0"
"\26\?\0\0P>\0\0\314\276\0\0$\277\0\0\300\275\0\0 \275\0\0\334\276\0\0X\276\0\0p\276\0\0\4\?\0\0\14\277\0\0z\277"
"\0\0`=\0\0\364>\0\0*\?\0\0*\?{\0\0\0\0\0\0\0\0\0\227\?\0\0\300\275\0\0^\?\0\0\0\0\0\0@\277\0\0\240\276\0\0h>\0"
"\0\320>\0\0\300\276\0\0P\?\0\0f\?\0\0\244>\0\0H\276\0\0\230\276\0\0\264\276\0\0008>\0\0\0\0\0\0\314>\0\0\320=\0"
"\0>\277\0\0\212\?\0\0\240=\0\0\360>\0\0\10>\0\0\210\276\0\0H\276\0\0x>\0\0\30\277\0\0\212\277\0\0(\?\0\0@\276\0"
"\0L\?\0\0\0\274\0\0\220\276\0\0\200>\0\0f\277\0\0\340\275\0\0\364>\0\0\310>\0\0\310\276\0\0t\277\0\0`>\0\0\260"
"\275\0\0\300\275\0\0\200\275\0\0\276\?\0\0\340>\0\0\274>{\0\0\0\0\0\0\0\0\0F\?\0\0\260\275\0\0\270\276\0\0008\276"
"\0\0@\275\0\0^\?\0\0\260>\0\0\224\276\0\0 \277\0\0\204\?\0\0`>\0\0X>\0\0$\277\0\0@>\0\0@\?\0\0\360=\0\0B\277\0"
"\0\370>\0\0\214>\0\0\200\276\0\0\240\276\0\0\305\277\0\0P>\0\0 \275\0\0\260=\0\0&\277\0\0006\?\0\0\200>\0\0\236"
"\277\0\0p>\0\0v\277\0\0\360\276\0\0\314\276\0\0 >\0\0\340>\0\0\30\?\0\0d\?\0\0\300<\0\0008\277";
enum { state_file_bytes = 2396 };
static const unsigned char state_half[] =
"\260\6\0\0\0\0\0\0{\"0.bias\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]},\"0.weight\":{\"dtype\""
":\"F16\",\"shape\":[2,2,3,3],\"data_offsets\":[4,76]},\"1.bias\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offse"
"ts\":[76,80]},\"1.num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[80,88]},\"1.running_"
"mean\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[88,92]},\"1.running_var\":{\"dtype\":\"F16\",\"shape"
"\":[2],\"data_offsets\":[92,96]},\"1.weight\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[96,100]},\"3."
"body.0.weight\":{\"dtype\":\"F16\",\"shape\":[2,1,3,3],\"data_offsets\":[100,136]},\"3.body.1.bias\":{\"dtype\""
":\"F16\",\"shape\":[2],\"data_offsets\":[136,140]},\"3.body.1.num_batches_tracked\":{\"dtype\":\"I64\",\"shape"
"\":[],\"data_offsets\":[140,148]},\"3.body.1.running_mean\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":"
"[148,152]},\"3.body.1.running_var\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[152,156]},\"3.body.1.we"
"ight\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[156,160]},\"4.body.0.bias\":{\"dtype\":\"F16\",\"sha"
"pe\":[3],\"data_offsets\":[160,166]},\"4.body.0.weight\":{\"dtype\":\"F16\",\"shape\":[3,2,2,2],\"data_offsets"
"\":[166,214]},\"4.skip.0.bias\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[214,220]},\"4.skip.0.weight"
"\":{\"dtype\":\"F16\",\"shape\":[3,2,1,1],\"data_offsets\":[220,232]},\"4.skip.1.bias\":{\"dtype\":\"F16\",\"s"
"hape\":[3],\"data_offsets\":[232,238]},\"4.skip.1.num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[],\"data"
"_offsets\":[238,246]},\"4.skip.1.running_mean\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[246,252]},\""
"4.skip.1.running_var\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[252,258]},\"4.skip.1.weight\":{\"dty"
"pe\":\"F16\",\"shape\":[3],\"data_offsets\":[258,264]},\"6.bias\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offs"
"ets\":[264,270]},\"6.weight\":{\"dtype\":\"F16\",\"shape\":[3,12],\"data_offsets\":[270,342]}}    \0\0\0002\340"
"\265\0\257`\266H\274\0\266 5\0008`\274`4\0,\20\272@\267\0209\200,\2009\000\262\200\2700<@\264`6\300\265\0009P\271"
"\3000\0\252\0<\300\265\340\264\0-\200:\0.`\272\24040\270 \270\0002`4\0\240{\0\0\0\0\0\0\0@\262\300\264\300:@@\200"
"\263\3006\300\260\0&\0002`4 \267\2003 5P9\300\260\0\240\2608\2002`\266 \271\0\256\0\251\340\266\300\262`\270\320"
"\273{\0\0\0\0\0\0\0\0+\2407P9P9\200\263 8@\264@\262\3003\270<\0\256\360:\0\0\0\272\0\265@3\2006\0\266\200:0; 5"
"@\262\300\264\240\265\3001\0\0`6\200.\360\271P<\0-\2007@0\200\264\00040\273\300\270P\274@9\000\262`:\0\240@\266"
"\240\273\0003{\0\0\0\0\0\0\0\200\255\0\256\0\254\360=\0007\3405\0\257\2407@6 ;\0&\300\2710:\200\255\300\265\300"
"\261\0\252\360:\2005\240\264\000\271 <\0003\3002 \271\0002\0:\200/\20\272\3007`4\0\264\0\265(\276\2002\0\251\200"
"-0\271\2609\0004\360\274\2003\260\273\200\267`\266\0001\0007\3008";
enum { state_half_bytes = 2062 };
static const unsigned char state_npy[] =
"\223NUMPY\1\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (145,), }                                   "
"                       \12\0\0\274\276\0\0\340\275\0\0\314\276\0\0\211\277\0\0\300\276\0\0\244>\0\0\0\?\0\0\214"
"\277\0\0\214>\0\0\200=\0\0B\277\0\0\350\276\0\0\"\?\0\0\220=\0\0000\?\0\0@\276\0\0\20\277\0\0\206\?\0\0\210\276"
"\0\0\314>\0\0\270\276\0\0 \?\0\0*\277\0\0\30>\0\0@\275\0\0\200\?\0\0\270\276\0\0\234\276\0\0\240=\0\0P\?\0\0\300"
"=\0\0L\277\0\0\224>\0\0\6\277\0\0\4\277\0\0@>\0\0\0\0\0\0@>\0\0p\276\0\0\330>\0\0\214>\0\0\0\274\0\0\30\276\0\0"
"\300<\0\0@>\0\0\214>\0\0\344\276\0\0p>\0\0\244>\0\0*\?\0\0\30\276\0\0\0\274\0\0\26\?\0\0P>\0\0\314\276\0\0$\277"
"\0\0\300\275\0\0 \275\0\0\334\276\0\0X\276\0\0p\276\0\0\4\?\0\0\14\277\0\0z\277\0\0\227\?\0\0\300\275\0\0^\?\0"
"\0\0\0\0\0@\277\0\0\240\276\0\0h>\0\0\320>\0\0\300\276\0\0P\?\0\0f\?\0\0\244>\0\0H\276\0\0\230\276\0\0\264\276"
"\0\0008>\0\0\0\0\0\0\314>\0\0\320=\0\0>\277\0\0\212\?\0\0\240=\0\0\360>\0\0\10>\0\0\210\276\0\0H\276\0\0x>\0\0"
"\30\277\0\0\212\277\0\0(\?\0\0@\276\0\0L\?\0\0\0\274\0\0\220\276\0\0\200>\0\0f\277\0\0\340\275\0\0\364>\0\0\310"
">\0\0\310\276\0\0t\277\0\0`>\0\0F\?\0\0\260\275\0\0\270\276\0\0008\276\0\0@\275\0\0^\?\0\0\260>\0\0\224\276\0\0"
" \277\0\0\204\?\0\0`>\0\0X>\0\0$\277\0\0@>\0\0@\?\0\0\360=\0\0B\277\0\0\370>\0\0\214>\0\0\200\276\0\0\240\276\0"
"\0\305\277\0\0P>\0\0 \275\0\0\260=\0\0&\277\0\0006\?\0\0\200>\0\0\236\277\0\0p>\0\0v\277\0\0\360\276\0\0\314\276"
"\0\0 >\0\0\340>\0\0\30\?\0\0d\?\0\0\300<\0\0008\277";
enum { state_npy_bytes = 708 };
static const unsigned char state_all_npy[] =
"\223NUMPY\1\0v\0{'descr': '>f8', 'fortran_order': False, 'shape': (159,), }                                   "
"                       \12\277\327\200\0\0\0\0\0\277\274\0\0\0\0\0\0\277\331\200\0\0\0\0\0\277\361 \0\0\0\0\0\277"
"\330\0\0\0\0\0\0\?\324\200\0\0\0\0\0\?\340\0\0\0\0\0\0\277\361\200\0\0\0\0\0\?\321\200\0\0\0\0\0\?\260\0\0\0\0"
"\0\0\277\350@\0\0\0\0\0\277\335\0\0\0\0\0\0\?\344@\0\0\0\0\0\?\262\0\0\0\0\0\0\?\346\0\0\0\0\0\0\277\310\0\0\0"
"\0\0\0\277\342\0\0\0\0\0\0\?\360\300\0\0\0\0\0\277\321\0\0\0\0\0\0\?\331\200\0\0\0\0\0\277\327\0\0\0\0\0\0\?\344"
"\0\0\0\0\0\0\277\345@\0\0\0\0\0\?\303\0\0\0\0\0\0\277\250\0\0\0\0\0\0\?\360\0\0\0\0\0\0\277\327\0\0\0\0\0\0\277"
"\323\200\0\0\0\0\0\?\264\0\0\0\0\0\0\?\352\0\0\0\0\0\0\?\270\0\0\0\0\0\0\277\351\200\0\0\0\0\0\?\322\200\0\0\0"
"\0\0\277\340\300\0\0\0\0\0\277\340\200\0\0\0\0\0\?\310\0\0\0\0\0\0\0\0\0\0\0\0\0\0\?\310\0\0\0\0\0\0\277\316\0"
"\0\0\0\0\0\?\333\0\0\0\0\0\0\?\321\200\0\0\0\0\0\277\200\0\0\0\0\0\0\277\303\0\0\0\0\0\0\?\230\0\0\0\0\0\0\?\310"
"\0\0\0\0\0\0\?\321\200\0\0\0\0\0\277\334\200\0\0\0\0\0\?\316\0\0\0\0\0\0\?\324\200\0\0\0\0\0\?\345@\0\0\0\0\0\277"
"\303\0\0\0\0\0\0\277\200\0\0\0\0\0\0\?\342\300\0\0\0\0\0\?\312\0\0\0\0\0\0\277\331\200\0\0\0\0\0\277\344\200\0"
"\0\0\0\0\277\270\0\0\0\0\0\0\277\244\0\0\0\0\0\0\277\333\200\0\0\0\0\0\277\313\0\0\0\0\0\0\277\316\0\0\0\0\0\0"
"\?\340\200\0\0\0\0\0\277\341\200\0\0\0\0\0\277\357@\0\0\0\0\0\?\362\340\0\0\0\0\0\277\270\0\0\0\0\0\0\?\353\300"
"\0\0\0\0\0\0\0\0\0\0\0\0\0\277\350\0\0\0\0\0\0\277\324\0\0\0\0\0\0\?\315\0\0\0\0\0\0\?\332\0\0\0\0\0\0\277\330"
"\0\0\0\0\0\0\?\352\0\0\0\0\0\0\?\354\300\0\0\0\0\0\?\324\200\0\0\0\0\0\277\311\0\0\0\0\0\0\277\323\0\0\0\0\0\0"
"\277\326\200\0\0\0\0\0\?\307\0\0\0\0\0\0\0\0\0\0\0\0\0\0\?\331\200\0\0\0\0\0\?\272\0\0\0\0\0\0\277\347\300\0\0"
"\0\0\0\?\361@\0\0\0\0\0\?\264\0\0\0\0\0\0\?\336\0\0\0\0\0\0\?\301\0\0\0\0\0\0\277\321\0\0\0\0\0\0\277\311\0\0\0"
"\0\0\0\?\317\0\0\0\0\0\0\277\343\0\0\0\0\0\0\277\361@\0\0\0\0\0\?\345\0\0\0\0\0\0\277\310\0\0\0\0\0\0\?\351\200"
"\0\0\0\0\0\277\200\0\0\0\0\0\0\277\322\0\0\0\0\0\0\?\320\0\0\0\0\0\0\277\354\300\0\0\0\0\0\277\274\0\0\0\0\0\0"
"\?\336\200\0\0\0\0\0\?\331\0\0\0\0\0\0\277\331\0\0\0\0\0\0\277\356\200\0\0\0\0\0\?\314\0\0\0\0\0\0\?\350\300\0"
"\0\0\0\0\277\266\0\0\0\0\0\0\277\327\0\0\0\0\0\0\277\307\0\0\0\0\0\0\277\250\0\0\0\0\0\0\?\353\300\0\0\0\0\0\?"
"\326\0\0\0\0\0\0\277\322\200\0\0\0\0\0\277\344\0\0\0\0\0\0\?\360\200\0\0\0\0\0\?\314\0\0\0\0\0\0\?\313\0\0\0\0"
"\0\0\277\344\200\0\0\0\0\0\?\310\0\0\0\0\0\0\?\350\0\0\0\0\0\0\?\276\0\0\0\0\0\0\277\350@\0\0\0\0\0\?\337\0\0\0"
"\0\0\0\?\321\200\0\0\0\0\0\277\320\0\0\0\0\0\0\277\324\0\0\0\0\0\0\277\370\240\0\0\0\0\0\?\312\0\0\0\0\0\0\277"
"\244\0\0\0\0\0\0\?\266\0\0\0\0\0\0\277\344\300\0\0\0\0\0\?\346\300\0\0\0\0\0\?\320\0\0\0\0\0\0\277\363\300\0\0"
"\0\0\0\?\316\0\0\0\0\0\0\277\356\300\0\0\0\0\0\277\336\0\0\0\0\0\0\277\331\200\0\0\0\0\0\?\304\0\0\0\0\0\0\?\334"
"\0\0\0\0\0\0\?\343\0\0\0\0\0\0\?\354\200\0\0\0\0\0\?\230\0\0\0\0\0\0\277\347\0\0\0\0\0\0\277\311\0\0\0\0\0\0\277"
"\323\0\0\0\0\0\0\?\353\0\0\0\0\0\0@\1\0\0\0\0\0\0\?\254\0\0\0\0\0\0\?\336\200\0\0\0\0\0\?\345@\0\0\0\0\0\?\345"
"@\0\0\0\0\0\277\266\0\0\0\0\0\0\277\270\0\0\0\0\0\0\277\260\0\0\0\0\0\0\?\367\300\0\0\0\0\0\?\334\0\0\0\0\0\0\?"
"\327\200\0\0\0\0\0";
enum { state_all_npy_bytes = 1400 };
static const unsigned char state_written_float[] =
"\310\5\0\0\0\0\0\0{\"0.weight\":{\"dtype\":\"F32\",\"shape\":[2,2,3,3],\"data_offsets\":[0,144]},\"0.bias\":{\""
"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[144,152]},\"1.weight\":{\"dtype\":\"F32\",\"shape\":[2],\"data"
"_offsets\":[152,160]},\"1.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[160,168]},\"1.running_mean"
"\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[168,176]},\"1.running_var\":{\"dtype\":\"F32\",\"shape\""
":[2],\"data_offsets\":[176,184]},\"3.body.0.weight\":{\"dtype\":\"F32\",\"shape\":[2,1,3,3],\"data_offsets\":["
"184,256]},\"3.body.1.weight\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[256,264]},\"3.body.1.bias\":{"
"\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[264,272]},\"3.body.1.running_mean\":{\"dtype\":\"F32\",\"sha"
"pe\":[2],\"data_offsets\":[272,280]},\"3.body.1.running_var\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\""
":[280,288]},\"4.body.0.weight\":{\"dtype\":\"F32\",\"shape\":[3,2,2,2],\"data_offsets\":[288,384]},\"4.body.0."
"bias\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[384,396]},\"4.skip.0.weight\":{\"dtype\":\"F32\",\"s"
"hape\":[3,2,1,1],\"data_offsets\":[396,420]},\"4.skip.0.bias\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets"
"\":[420,432]},\"4.skip.1.weight\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[432,444]},\"4.skip.1.bias"
"\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[444,456]},\"4.skip.1.running_mean\":{\"dtype\":\"F32\",\""
"shape\":[3],\"data_offsets\":[456,468]},\"4.skip.1.running_var\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offse"
"ts\":[468,480]},\"6.weight\":{\"dtype\":\"F32\",\"shape\":[3,12],\"data_offsets\":[480,624]},\"6.bias\":{\"dty"
"pe\":\"F32\",\"shape\":[3],\"data_offsets\":[624,636]}}\0\0\274\276\0\0\340\275\0\0\314\276\0\0\211\277\0\0\300"
"\276\0\0\244>\0\0\0\?\0\0\214\277\0\0\214>\0\0\200=\0\0B\277\0\0\350\276\0\0\"\?\0\0\220=\0\0000\?\0\0@\276\0\0"
"\20\277\0\0\206\?\0\0\210\276\0\0\314>\0\0\270\276\0\0 \?\0\0*\277\0\0\30>\0\0@\275\0\0\200\?\0\0\270\276\0\0\234"
"\276\0\0\240=\0\0P\?\0\0\300=\0\0L\277\0\0\224>\0\0\6\277\0\0\4\277\0\0@>\0\0\0\0\0\0@>\0\0p\276\0\0\330>\0\0\214"
">\0\0\0\274\0\0H\276\0\0\230\276\0\0X\?\0\0\10@\0\0\30\276\0\0\300<\0\0@>\0\0\214>\0\0\344\276\0\0p>\0\0\244>\0"
"\0*\?\0\0\30\276\0\0\0\274\0\0\26\?\0\0P>\0\0\314\276\0\0$\277\0\0\300\275\0\0 \275\0\0\334\276\0\0X\276\0\0p\276"
"\0\0\4\?\0\0\14\277\0\0z\277\0\0`=\0\0\364>\0\0*\?\0\0*\?\0\0\227\?\0\0\300\275\0\0^\?\0\0\0\0\0\0@\277\0\0\240"
"\276\0\0h>\0\0\320>\0\0\300\276\0\0P\?\0\0f\?\0\0\244>\0\0H\276\0\0\230\276\0\0\264\276\0\0008>\0\0\0\0\0\0\314"
">\0\0\320=\0\0>\277\0\0\212\?\0\0\240=\0\0\360>\0\0\10>\0\0\210\276\0\0H\276\0\0x>\0\0\30\277\0\0\212\277\0\0("
"\?\0\0@\276\0\0L\?\0\0\0\274\0\0\220\276\0\0\200>\0\0f\277\0\0\340\275\0\0\364>\0\0\310>\0\0\310\276\0\0t\277\0"
"\0`>\0\0\260\275\0\0\300\275\0\0\200\275\0\0\276\?\0\0\340>\0\0\274>\0\0F\?\0\0\260\275\0\0\270\276\0\0008\276"
"\0\0@\275\0\0^\?\0\0\260>\0\0\224\276\0\0 \277\0\0\204\?\0\0`>\0\0X>\0\0$\277\0\0@>\0\0@\?\0\0\360=\0\0B\277\0"
"\0\370>\0\0\214>\0\0\200\276\0\0\240\276\0\0\305\277\0\0P>\0\0 \275\0\0\260=\0\0&\277\0\0006\?\0\0\200>\0\0\236"
"\277\0\0p>\0\0v\277\0\0\360\276\0\0\314\276\0\0 >\0\0\340>\0\0\30\?\0\0d\?\0\0\300<\0\0008\277";
enum { state_written_float_bytes = 2124 };
static const unsigned char state_written_double[] =
"\320\5\0\0\0\0\0\0{\"0.weight\":{\"dtype\":\"F64\",\"shape\":[2,2,3,3],\"data_offsets\":[0,288]},\"0.bias\":{\""
"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[288,304]},\"1.weight\":{\"dtype\":\"F64\",\"shape\":[2],\"data"
"_offsets\":[304,320]},\"1.bias\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[320,336]},\"1.running_mean"
"\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[336,352]},\"1.running_var\":{\"dtype\":\"F64\",\"shape\""
":[2],\"data_offsets\":[352,368]},\"3.body.0.weight\":{\"dtype\":\"F64\",\"shape\":[2,1,3,3],\"data_offsets\":["
"368,512]},\"3.body.1.weight\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[512,528]},\"3.body.1.bias\":{"
"\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[528,544]},\"3.body.1.running_mean\":{\"dtype\":\"F64\",\"sha"
"pe\":[2],\"data_offsets\":[544,560]},\"3.body.1.running_var\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\""
":[560,576]},\"4.body.0.weight\":{\"dtype\":\"F64\",\"shape\":[3,2,2,2],\"data_offsets\":[576,768]},\"4.body.0."
"bias\":{\"dtype\":\"F64\",\"shape\":[3],\"data_offsets\":[768,792]},\"4.skip.0.weight\":{\"dtype\":\"F64\",\"s"
"hape\":[3,2,1,1],\"data_offsets\":[792,840]},\"4.skip.0.bias\":{\"dtype\":\"F64\",\"shape\":[3],\"data_offsets"
"\":[840,864]},\"4.skip.1.weight\":{\"dtype\":\"F64\",\"shape\":[3],\"data_offsets\":[864,888]},\"4.skip.1.bias"
"\":{\"dtype\":\"F64\",\"shape\":[3],\"data_offsets\":[888,912]},\"4.skip.1.running_mean\":{\"dtype\":\"F64\",\""
"shape\":[3],\"data_offsets\":[912,936]},\"4.skip.1.running_var\":{\"dtype\":\"F64\",\"shape\":[3],\"data_offse"
"ts\":[936,960]},\"6.weight\":{\"dtype\":\"F64\",\"shape\":[3,12],\"data_offsets\":[960,1248]},\"6.bias\":{\"dt"
"ype\":\"F64\",\"shape\":[3],\"data_offsets\":[1248,1272]}}     \0\0\0\0\0\200\327\277\0\0\0\0\0\0\274\277\0\0\0"
"\0\0\200\331\277\0\0\0\0\0 \361\277\0\0\0\0\0\0\330\277\0\0\0\0\0\200\324\?\0\0\0\0\0\0\340\?\0\0\0\0\0\200\361"
"\277\0\0\0\0\0\200\321\?\0\0\0\0\0\0\260\?\0\0\0\0\0@\350\277\0\0\0\0\0\0\335\277\0\0\0\0\0@\344\?\0\0\0\0\0\000"
"\262\?\0\0\0\0\0\0\346\?\0\0\0\0\0\0\310\277\0\0\0\0\0\0\342\277\0\0\0\0\0\300\360\?\0\0\0\0\0\0\321\277\0\0\0"
"\0\0\200\331\?\0\0\0\0\0\0\327\277\0\0\0\0\0\0\344\?\0\0\0\0\0@\345\277\0\0\0\0\0\0\303\?\0\0\0\0\0\0\250\277\0"
"\0\0\0\0\0\360\?\0\0\0\0\0\0\327\277\0\0\0\0\0\200\323\277\0\0\0\0\0\0\264\?\0\0\0\0\0\0\352\?\0\0\0\0\0\0\270"
"\?\0\0\0\0\0\200\351\277\0\0\0\0\0\200\322\?\0\0\0\0\0\300\340\277\0\0\0\0\0\200\340\277\0\0\0\0\0\0\310\?\0\0"
"\0\0\0\0\0\0\0\0\0\0\0\0\310\?\0\0\0\0\0\0\316\277\0\0\0\0\0\0\333\?\0\0\0\0\0\200\321\?\0\0\0\0\0\0\200\277\0"
"\0\0\0\0\0\311\277\0\0\0\0\0\0\323\277\0\0\0\0\0\0\353\?\0\0\0\0\0\0\1@\0\0\0\0\0\0\303\277\0\0\0\0\0\0\230\?\0"
"\0\0\0\0\0\310\?\0\0\0\0\0\200\321\?\0\0\0\0\0\200\334\277\0\0\0\0\0\0\316\?\0\0\0\0\0\200\324\?\0\0\0\0\0@\345"
"\?\0\0\0\0\0\0\303\277\0\0\0\0\0\0\200\277\0\0\0\0\0\300\342\?\0\0\0\0\0\0\312\?\0\0\0\0\0\200\331\277\0\0\0\0"
"\0\200\344\277\0\0\0\0\0\0\270\277\0\0\0\0\0\0\244\277\0\0\0\0\0\200\333\277\0\0\0\0\0\0\313\277\0\0\0\0\0\0\316"
"\277\0\0\0\0\0\200\340\?\0\0\0\0\0\200\341\277\0\0\0\0\0@\357\277\0\0\0\0\0\0\254\?\0\0\0\0\0\200\336\?\0\0\0\0"
"\0@\345\?\0\0\0\0\0@\345\?\0\0\0\0\0\340\362\?\0\0\0\0\0\0\270\277\0\0\0\0\0\300\353\?\0\0\0\0\0\0\0\0\0\0\0\0"
"\0\0\350\277\0\0\0\0\0\0\324\277\0\0\0\0\0\0\315\?\0\0\0\0\0\0\332\?\0\0\0\0\0\0\330\277\0\0\0\0\0\0\352\?\0\0"
"\0\0\0\300\354\?\0\0\0\0\0\200\324\?\0\0\0\0\0\0\311\277\0\0\0\0\0\0\323\277\0\0\0\0\0\200\326\277\0\0\0\0\0\0"
"\307\?\0\0\0\0\0\0\0\0\0\0\0\0\0\200\331\?\0\0\0\0\0\0\272\?\0\0\0\0\0\300\347\277\0\0\0\0\0@\361\?\0\0\0\0\0\0"
"\264\?\0\0\0\0\0\0\336\?\0\0\0\0\0\0\301\?\0\0\0\0\0\0\321\277\0\0\0\0\0\0\311\277\0\0\0\0\0\0\317\?\0\0\0\0\0"
"\0\343\277\0\0\0\0\0@\361\277\0\0\0\0\0\0\345\?\0\0\0\0\0\0\310\277\0\0\0\0\0\200\351\?\0\0\0\0\0\0\200\277\0\0"
"\0\0\0\0\322\277\0\0\0\0\0\0\320\?\0\0\0\0\0\300\354\277\0\0\0\0\0\0\274\277\0\0\0\0\0\200\336\?\0\0\0\0\0\0\331"
"\?\0\0\0\0\0\0\331\277\0\0\0\0\0\200\356\277\0\0\0\0\0\0\314\?\0\0\0\0\0\0\266\277\0\0\0\0\0\0\270\277\0\0\0\0"
"\0\0\260\277\0\0\0\0\0\300\367\?\0\0\0\0\0\0\334\?\0\0\0\0\0\200\327\?\0\0\0\0\0\300\350\?\0\0\0\0\0\0\266\277"
"\0\0\0\0\0\0\327\277\0\0\0\0\0\0\307\277\0\0\0\0\0\0\250\277\0\0\0\0\0\300\353\?\0\0\0\0\0\0\326\?\0\0\0\0\0\200"
"\322\277\0\0\0\0\0\0\344\277\0\0\0\0\0\200\360\?\0\0\0\0\0\0\314\?\0\0\0\0\0\0\313\?\0\0\0\0\0\200\344\277\0\0"
"\0\0\0\0\310\?\0\0\0\0\0\0\350\?\0\0\0\0\0\0\276\?\0\0\0\0\0@\350\277\0\0\0\0\0\0\337\?\0\0\0\0\0\200\321\?\0\0"
"\0\0\0\0\320\277\0\0\0\0\0\0\324\277\0\0\0\0\0\240\370\277\0\0\0\0\0\0\312\?\0\0\0\0\0\0\244\277\0\0\0\0\0\0\266"
"\?\0\0\0\0\0\300\344\277\0\0\0\0\0\300\346\?\0\0\0\0\0\0\320\?\0\0\0\0\0\300\363\277\0\0\0\0\0\0\316\?\0\0\0\0"
"\0\300\356\277\0\0\0\0\0\0\336\277\0\0\0\0\0\200\331\277\0\0\0\0\0\0\304\?\0\0\0\0\0\0\334\?\0\0\0\0\0\0\343\?"
"\0\0\0\0\0\200\354\?\0\0\0\0\0\0\230\?\0\0\0\0\0\0\347\277";
enum { state_written_double_bytes = 2768 };
static const double state_theta[159] = {
    -0.3671875, -0.109375, -0.3984375, -1.0703125, -0.375, 0.3203125, 0.5, -1.09375, 0.2734375, 0.0625, -0.7578125, -0.453125,
    0.6328125, 0.0703125, 0.6875, -0.1875, -0.5625, 1.046875, -0.265625, 0.3984375, -0.359375, 0.625, -0.6640625, 0.1484375,
    -0.046875, 1, -0.359375, -0.3046875, 0.078125, 0.8125, 0.09375, -0.796875, 0.2890625, -0.5234375, -0.515625, 0.1875,
    0, 0.1875, -0.234375, 0.421875, 0.2734375, -0.0078125, -0.1484375, 0.0234375, 0.1875, 0.2734375, -0.4453125, 0.234375,
    0.3203125, 0.6640625, -0.1484375, -0.0078125, 0.5859375, 0.203125, -0.3984375, -0.640625, -0.09375, -0.0390625, -0.4296875, -0.2109375,
    -0.234375, 0.515625, -0.546875, -0.9765625, 1.1796875, -0.09375, 0.8671875, 0, -0.75, -0.3125, 0.2265625, 0.40625,
    -0.375, 0.8125, 0.8984375, 0.3203125, -0.1953125, -0.296875, -0.3515625, 0.1796875, 0, 0.3984375, 0.1015625, -0.7421875,
    1.078125, 0.078125, 0.46875, 0.1328125, -0.265625, -0.1953125, 0.2421875, -0.59375, -1.078125, 0.65625, -0.1875, 0.796875,
    -0.0078125, -0.28125, 0.25, -0.8984375, -0.109375, 0.4765625, 0.390625, -0.390625, -0.953125, 0.21875, 0.7734375, -0.0859375,
    -0.359375, -0.1796875, -0.046875, 0.8671875, 0.34375, -0.2890625, -0.625, 1.03125, 0.21875, 0.2109375, -0.640625, 0.1875,
    0.75, 0.1171875, -0.7578125, 0.484375, 0.2734375, -0.25, -0.3125, -1.5390625, 0.203125, -0.0390625, 0.0859375, -0.6484375,
    0.7109375, 0.25, -1.234375, 0.234375, -0.9609375, -0.46875, -0.3984375, 0.15625, 0.4375, 0.59375, 0.890625, 0.0234375,
    -0.71875, -0.1953125, -0.296875, 0.84375, 2.125, 0.0546875, 0.4765625, 0.6640625, 0.6640625, -0.0859375, -0.09375, -0.0625,
    1.484375, 0.4375, 0.3671875
};
static const double state_x[96] = {
    0.140625, -1.28125, 0.109375, 1.046875, 3.546875, -0.15625, 1.21875, 1.140625, -1.609375, -1.203125, 0.109375, 1.0625,
    -1.75, 0.734375, 0.484375, 0.375, 0.046875, 1.359375, 1.25, 0.421875, 0.96875, 1.109375, 0.734375, -1.265625,
    0.359375, -0.25, -0.265625, 0.546875, -0.21875, 0.703125, 1.328125, -0.90625, -0.484375, 2.125, 0.390625, -1.625,
    0.890625, -0.53125, 0.90625, -0.28125, 1.359375, 1.109375, 1.109375, -1, -0.125, -0.09375, 0.625, 1.671875,
    -1.5, 0.640625, 1.0625, 1.03125, 1.5, 1.75, -1.890625, 0.828125, -0.734375, 0.640625, -0.015625, 1.75,
    -0.234375, -0.46875, -1.546875, 0.375, -0.6875, -0.640625, -0.15625, 1.734375, -1.015625, 0.46875, -0.3125, 0.140625,
    -0.921875, 0.53125, -1.453125, -0.15625, -1.40625, 1.390625, 0.390625, -0.375, 1.234375, -1.78125, 0.171875, -1.078125,
    -0.765625, 2, 1.265625, 0.90625, 0.28125, 0.6875, -0.109375, 0.09375, 0.09375, 0.484375, -0.96875, -0.546875
};
static const double state_y[9] = {
    -1.7467298013438315, 2.8769937714259823, -0.392529741797772, -1.902260170513169, 1.7244535812599455, -1.3008756766059295, -0.8787760724052247, 2.776961460268068, 0.45773085841219885
};
static const unsigned char parts_written[] =
"\360\0\0\0\0\0\0\0{\"d\":{\"dtype\":\"F64\",\"shape\":[2,1,3],\"data_offsets\":[0,48]},\"i\":{\"dtype\":\"I64\""
",\"shape\":[2,2,1,2],\"data_offsets\":[48,112]},\"f\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[112"
",136]},\"u\\\"\\\\\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[136,141]}}\0\0\0\0\0\12\4\300\0\0\0\0\0"
"\11\362\277\0\0\0\0\0\10\320\?\0\0\0\0\0\15\372\?\0\0\0\0\0\14\10@\0\0\0\0\300\210\21@\0\0\0\0\0\0\0\200\0\240"
"\252\252\252\252\252*\0PUUUUU\325\0\220\231\231\231\231\231\31\0`fffff\346\0\220$I\222$I\22\0`\333\266m\333\266"
"\355\0\200\3438\216\3438\16\0P \300\0H\220\277\0@\200>\0h\320\?\0`@@\0F\214@\0V\0166\34";
enum { parts_written_bytes = 389 };
static const unsigned char npy_written_u8[] =
"\223NUMPY\1\0v\0{'descr': '|u1', 'fortran_order': False, 'shape': (5,), }                                     "
"                       \12\0V\0166\34";
enum { npy_written_u8_bytes = 133 };
static const double written_u8[5] = {
    0, 86, 14, 54, 28
};
static const unsigned char npy_written_f32[] =
"\223NUMPY\1\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }                                   "
"                       \12\0P \300\0H\220\277\0@\200>\0h\320\?\0`@@\0F\214@";
enum { npy_written_f32_bytes = 152 };
static const double written_f32[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char npy_written_f64[] =
"\223NUMPY\1\0v\0{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1, 3), }                                "
"                       \12\0\0\0\0\0\12\4\300\0\0\0\0\0\11\362\277\0\0\0\0\0\10\320\?\0\0\0\0\0\15\372\?\0\0\0"
"\0\0\14\10@\0\0\0\0\300\210\21@";
enum { npy_written_f64_bytes = 176 };
static const double written_f64[6] = {
    -2.5048828125, -1.127197265625, 0.25048828125, 1.628173828125, 3.005859375, 4.383544921875
};
static const unsigned char npy_written_i64[] =
"\223NUMPY\1\0v\0{'descr': '<i8', 'fortran_order': False, 'shape': (2, 2, 1, 2), }                             "
"                       \12\0\0\0\0\0\0\0\200\0\240\252\252\252\252\252*\0PUUUUU\325\0\220\231\231\231\231\231\31"
"\0`fffff\346\0\220$I\222$I\22\0`\333\266m\333\266\355\0\200\3438\216\3438\16";
enum { npy_written_i64_bytes = 192 };
static const double written_i64[8] = {
    -9.223372036854776e+18, 3.074457345618256e+18, -3.07445734561826e+18, 1.8446744073709527e+18, -1.8446744073709568e+18, 1.3176245766935388e+18, -1.317624576693543e+18, 1.0248191152060826e+18
};

static const char state_text[] = "input 2 4 4; conv 2 3 pad=1; batchnorm; relu; residual { conv 2 3 pad=1 groups=2 bias=0; batchnorm; tanh }; residual { conv 3 2 stride=2 } skip { conv 3 1 stride=2; batchnorm }; flatten; dense 3";
typedef struct golden_file { const char *what, *tensor; int type, dims; size_t shape[4]; const unsigned char *bytes; size_t length; const double *held; } golden_file;
static const golden_file golden_files[] = {
    { "npy |u1 C", NULL, CN_TYPE_U8, 2, { 2, 3, 1, 1 }, file_0, file_0_bytes, held_0 },
    { "npy |u1 F", NULL, CN_TYPE_U8, 2, { 2, 3, 1, 1 }, file_1, file_1_bytes, held_1 },
    { "npy |i1 C", NULL, CN_TYPE_I8, 2, { 2, 3, 1, 1 }, file_2, file_2_bytes, held_2 },
    { "npy |i1 F", NULL, CN_TYPE_I8, 2, { 2, 3, 1, 1 }, file_3, file_3_bytes, held_3 },
    { "npy <u2 C", NULL, CN_TYPE_U16, 2, { 2, 3, 1, 1 }, file_4, file_4_bytes, held_4 },
    { "npy <u2 F", NULL, CN_TYPE_U16, 2, { 2, 3, 1, 1 }, file_5, file_5_bytes, held_5 },
    { "npy >u2 C", NULL, CN_TYPE_U16, 2, { 2, 3, 1, 1 }, file_6, file_6_bytes, held_6 },
    { "npy >u2 F", NULL, CN_TYPE_U16, 2, { 2, 3, 1, 1 }, file_7, file_7_bytes, held_7 },
    { "npy <i2 C", NULL, CN_TYPE_I16, 2, { 2, 3, 1, 1 }, file_8, file_8_bytes, held_8 },
    { "npy <i2 F", NULL, CN_TYPE_I16, 2, { 2, 3, 1, 1 }, file_9, file_9_bytes, held_9 },
    { "npy >i2 C", NULL, CN_TYPE_I16, 2, { 2, 3, 1, 1 }, file_10, file_10_bytes, held_10 },
    { "npy >i2 F", NULL, CN_TYPE_I16, 2, { 2, 3, 1, 1 }, file_11, file_11_bytes, held_11 },
    { "npy <u4 C", NULL, CN_TYPE_U32, 2, { 2, 3, 1, 1 }, file_12, file_12_bytes, held_12 },
    { "npy <u4 F", NULL, CN_TYPE_U32, 2, { 2, 3, 1, 1 }, file_13, file_13_bytes, held_13 },
    { "npy >u4 C", NULL, CN_TYPE_U32, 2, { 2, 3, 1, 1 }, file_14, file_14_bytes, held_14 },
    { "npy >u4 F", NULL, CN_TYPE_U32, 2, { 2, 3, 1, 1 }, file_15, file_15_bytes, held_15 },
    { "npy <i4 C", NULL, CN_TYPE_I32, 2, { 2, 3, 1, 1 }, file_16, file_16_bytes, held_16 },
    { "npy <i4 F", NULL, CN_TYPE_I32, 2, { 2, 3, 1, 1 }, file_17, file_17_bytes, held_17 },
    { "npy >i4 C", NULL, CN_TYPE_I32, 2, { 2, 3, 1, 1 }, file_18, file_18_bytes, held_18 },
    { "npy >i4 F", NULL, CN_TYPE_I32, 2, { 2, 3, 1, 1 }, file_19, file_19_bytes, held_19 },
    { "npy <u8 C", NULL, CN_TYPE_U64, 2, { 2, 3, 1, 1 }, file_20, file_20_bytes, held_20 },
    { "npy <u8 F", NULL, CN_TYPE_U64, 2, { 2, 3, 1, 1 }, file_21, file_21_bytes, held_21 },
    { "npy >u8 C", NULL, CN_TYPE_U64, 2, { 2, 3, 1, 1 }, file_22, file_22_bytes, held_22 },
    { "npy >u8 F", NULL, CN_TYPE_U64, 2, { 2, 3, 1, 1 }, file_23, file_23_bytes, held_23 },
    { "npy <i8 C", NULL, CN_TYPE_I64, 2, { 2, 3, 1, 1 }, file_24, file_24_bytes, held_24 },
    { "npy <i8 F", NULL, CN_TYPE_I64, 2, { 2, 3, 1, 1 }, file_25, file_25_bytes, held_25 },
    { "npy >i8 C", NULL, CN_TYPE_I64, 2, { 2, 3, 1, 1 }, file_26, file_26_bytes, held_26 },
    { "npy >i8 F", NULL, CN_TYPE_I64, 2, { 2, 3, 1, 1 }, file_27, file_27_bytes, held_27 },
    { "npy <f4 C", NULL, CN_TYPE_F32, 2, { 2, 3, 1, 1 }, file_28, file_28_bytes, held_28 },
    { "npy <f4 F", NULL, CN_TYPE_F32, 2, { 2, 3, 1, 1 }, file_29, file_29_bytes, held_29 },
    { "npy >f4 C", NULL, CN_TYPE_F32, 2, { 2, 3, 1, 1 }, file_30, file_30_bytes, held_30 },
    { "npy >f4 F", NULL, CN_TYPE_F32, 2, { 2, 3, 1, 1 }, file_31, file_31_bytes, held_31 },
    { "npy <f8 C", NULL, CN_TYPE_F64, 2, { 2, 3, 1, 1 }, file_32, file_32_bytes, held_32 },
    { "npy <f8 F", NULL, CN_TYPE_F64, 2, { 2, 3, 1, 1 }, file_33, file_33_bytes, held_33 },
    { "npy >f8 C", NULL, CN_TYPE_F64, 2, { 2, 3, 1, 1 }, file_34, file_34_bytes, held_34 },
    { "npy >f8 F", NULL, CN_TYPE_F64, 2, { 2, 3, 1, 1 }, file_35, file_35_bytes, held_35 },
    { "npy <f2 C", NULL, CN_TYPE_F32, 2, { 2, 3, 1, 1 }, file_36, file_36_bytes, held_36 },
    { "npy <f2 F", NULL, CN_TYPE_F32, 2, { 2, 3, 1, 1 }, file_37, file_37_bytes, held_37 },
    { "npy >f2 C", NULL, CN_TYPE_F32, 2, { 2, 3, 1, 1 }, file_38, file_38_bytes, held_38 },
    { "npy >f2 F", NULL, CN_TYPE_F32, 2, { 2, 3, 1, 1 }, file_39, file_39_bytes, held_39 },
    { "npy |b1 C", NULL, CN_TYPE_U8, 2, { 2, 3, 1, 1 }, file_40, file_40_bytes, held_40 },
    { "npy |b1 F", NULL, CN_TYPE_U8, 2, { 2, 3, 1, 1 }, file_41, file_41_bytes, held_41 },
    { "npy 0-dimensional C", NULL, CN_TYPE_I16, 1, { 1, 1, 1, 1 }, file_42, file_42_bytes, held_42 },
    { "npy 0-dimensional F", NULL, CN_TYPE_I16, 1, { 1, 1, 1, 1 }, file_43, file_43_bytes, held_43 },
    { "npy 1-dimensional C", NULL, CN_TYPE_I16, 1, { 5, 1, 1, 1 }, file_44, file_44_bytes, held_44 },
    { "npy 1-dimensional F", NULL, CN_TYPE_I16, 1, { 5, 1, 1, 1 }, file_45, file_45_bytes, held_45 },
    { "npy 2-dimensional C", NULL, CN_TYPE_I16, 2, { 2, 3, 1, 1 }, file_46, file_46_bytes, held_46 },
    { "npy 2-dimensional F", NULL, CN_TYPE_I16, 2, { 2, 3, 1, 1 }, file_47, file_47_bytes, held_47 },
    { "npy 3-dimensional C", NULL, CN_TYPE_I16, 3, { 2, 1, 3, 1 }, file_48, file_48_bytes, held_48 },
    { "npy 3-dimensional F", NULL, CN_TYPE_I16, 3, { 2, 1, 3, 1 }, file_49, file_49_bytes, held_49 },
    { "npy 4-dimensional C", NULL, CN_TYPE_I16, 4, { 2, 2, 1, 2 }, file_50, file_50_bytes, held_50 },
    { "npy 4-dimensional F", NULL, CN_TYPE_I16, 4, { 2, 2, 1, 2 }, file_51, file_51_bytes, held_51 },
    { "npy version 2", NULL, CN_TYPE_F32, 2, { 2, 3, 1, 1 }, file_52, file_52_bytes, held_52 },
    { "npy version 3", NULL, CN_TYPE_F32, 2, { 2, 3, 1, 1 }, file_53, file_53_bytes, held_53 },
    { "IDX u1 of 1 dimensions", NULL, CN_TYPE_U8, 1, { 5, 1, 1, 1 }, file_54, file_54_bytes, held_54 },
    { "IDX u1 of 2 dimensions", NULL, CN_TYPE_U8, 2, { 2, 3, 1, 1 }, file_55, file_55_bytes, held_55 },
    { "IDX u1 of 4 dimensions", NULL, CN_TYPE_U8, 4, { 2, 2, 1, 2 }, file_56, file_56_bytes, held_56 },
    { "IDX i1 of 1 dimensions", NULL, CN_TYPE_I8, 1, { 5, 1, 1, 1 }, file_57, file_57_bytes, held_57 },
    { "IDX i1 of 2 dimensions", NULL, CN_TYPE_I8, 2, { 2, 3, 1, 1 }, file_58, file_58_bytes, held_58 },
    { "IDX i1 of 4 dimensions", NULL, CN_TYPE_I8, 4, { 2, 2, 1, 2 }, file_59, file_59_bytes, held_59 },
    { "IDX i2 of 1 dimensions", NULL, CN_TYPE_I16, 1, { 5, 1, 1, 1 }, file_60, file_60_bytes, held_60 },
    { "IDX i2 of 2 dimensions", NULL, CN_TYPE_I16, 2, { 2, 3, 1, 1 }, file_61, file_61_bytes, held_61 },
    { "IDX i2 of 4 dimensions", NULL, CN_TYPE_I16, 4, { 2, 2, 1, 2 }, file_62, file_62_bytes, held_62 },
    { "IDX i4 of 1 dimensions", NULL, CN_TYPE_I32, 1, { 5, 1, 1, 1 }, file_63, file_63_bytes, held_63 },
    { "IDX i4 of 2 dimensions", NULL, CN_TYPE_I32, 2, { 2, 3, 1, 1 }, file_64, file_64_bytes, held_64 },
    { "IDX i4 of 4 dimensions", NULL, CN_TYPE_I32, 4, { 2, 2, 1, 2 }, file_65, file_65_bytes, held_65 },
    { "IDX f4 of 1 dimensions", NULL, CN_TYPE_F32, 1, { 5, 1, 1, 1 }, file_66, file_66_bytes, held_66 },
    { "IDX f4 of 2 dimensions", NULL, CN_TYPE_F32, 2, { 2, 3, 1, 1 }, file_67, file_67_bytes, held_67 },
    { "IDX f4 of 4 dimensions", NULL, CN_TYPE_F32, 4, { 2, 2, 1, 2 }, file_68, file_68_bytes, held_68 },
    { "IDX f8 of 1 dimensions", NULL, CN_TYPE_F64, 1, { 5, 1, 1, 1 }, file_69, file_69_bytes, held_69 },
    { "IDX f8 of 2 dimensions", NULL, CN_TYPE_F64, 2, { 2, 3, 1, 1 }, file_70, file_70_bytes, held_70 },
    { "IDX f8 of 4 dimensions", NULL, CN_TYPE_F64, 4, { 2, 2, 1, 2 }, file_71, file_71_bytes, held_71 },
    { "safetensors U8", NULL, CN_TYPE_U8, 2, { 2, 3, 1, 1 }, file_72, file_72_bytes, held_72 },
    { "safetensors U8 off its place", "w", CN_TYPE_U8, 2, { 2, 3, 1, 1 }, file_73, file_73_bytes, held_73 },
    { "safetensors I8", NULL, CN_TYPE_I8, 2, { 2, 3, 1, 1 }, file_74, file_74_bytes, held_74 },
    { "safetensors I8 off its place", "w", CN_TYPE_I8, 2, { 2, 3, 1, 1 }, file_75, file_75_bytes, held_75 },
    { "safetensors U16", NULL, CN_TYPE_U16, 2, { 2, 3, 1, 1 }, file_76, file_76_bytes, held_76 },
    { "safetensors U16 off its place", "w", CN_TYPE_U16, 2, { 2, 3, 1, 1 }, file_77, file_77_bytes, held_77 },
    { "safetensors I16", NULL, CN_TYPE_I16, 2, { 2, 3, 1, 1 }, file_78, file_78_bytes, held_78 },
    { "safetensors I16 off its place", "w", CN_TYPE_I16, 2, { 2, 3, 1, 1 }, file_79, file_79_bytes, held_79 },
    { "safetensors U32", NULL, CN_TYPE_U32, 2, { 2, 3, 1, 1 }, file_80, file_80_bytes, held_80 },
    { "safetensors U32 off its place", "w", CN_TYPE_U32, 2, { 2, 3, 1, 1 }, file_81, file_81_bytes, held_81 },
    { "safetensors I32", NULL, CN_TYPE_I32, 2, { 2, 3, 1, 1 }, file_82, file_82_bytes, held_82 },
    { "safetensors I32 off its place", "w", CN_TYPE_I32, 2, { 2, 3, 1, 1 }, file_83, file_83_bytes, held_83 },
    { "safetensors U64", NULL, CN_TYPE_U64, 2, { 2, 3, 1, 1 }, file_84, file_84_bytes, held_84 },
    { "safetensors U64 off its place", "w", CN_TYPE_U64, 2, { 2, 3, 1, 1 }, file_85, file_85_bytes, held_85 },
    { "safetensors I64", NULL, CN_TYPE_I64, 2, { 2, 3, 1, 1 }, file_86, file_86_bytes, held_86 },
    { "safetensors I64 off its place", "w", CN_TYPE_I64, 2, { 2, 3, 1, 1 }, file_87, file_87_bytes, held_87 },
    { "safetensors F32", NULL, CN_TYPE_F32, 2, { 2, 3, 1, 1 }, file_88, file_88_bytes, held_88 },
    { "safetensors F32 off its place", "w", CN_TYPE_F32, 2, { 2, 3, 1, 1 }, file_89, file_89_bytes, held_89 },
    { "safetensors F64", NULL, CN_TYPE_F64, 2, { 2, 3, 1, 1 }, file_90, file_90_bytes, held_90 },
    { "safetensors F64 off its place", "w", CN_TYPE_F64, 2, { 2, 3, 1, 1 }, file_91, file_91_bytes, held_91 },
    { "safetensors F16", NULL, CN_TYPE_F32, 2, { 2, 3, 1, 1 }, file_92, file_92_bytes, held_92 },
    { "safetensors F16 off its place", "w", CN_TYPE_F32, 2, { 2, 3, 1, 1 }, file_93, file_93_bytes, held_93 },
    { "safetensors BOOL", NULL, CN_TYPE_U8, 2, { 2, 3, 1, 1 }, file_94, file_94_bytes, held_94 },
    { "safetensors BOOL off its place", "w", CN_TYPE_U8, 2, { 2, 3, 1, 1 }, file_95, file_95_bytes, held_95 },
    { "safetensors BF16", NULL, CN_TYPE_F32, 2, { 3, 2, 1, 1 }, file_96, file_96_bytes, held_96 },
    { "safetensors, names in need of escapes", "a \"quoted\" \\ back", CN_TYPE_F32, 3, { 2, 1, 3, 1 }, file_97, file_97_bytes, held_97 },
    { "safetensors, names beyond ASCII", "\303\244\342\202\254\360\237\230\200", CN_TYPE_F32, 1, { 1, 1, 1, 1 }, file_98, file_98_bytes, held_98 },
    { "safetensors of no dimension", NULL, CN_TYPE_I32, 1, { 1, 1, 1, 1 }, file_99, file_99_bytes, held_99 }
};
#endif
