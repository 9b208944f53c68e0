/* Start-up of a bare Cortex-M under QEMU: vector table, copy of .data, FPU on, semihosting for printf and exit. */
#include <stdint.h>
#include <string.h>

extern char data_start[], data_end[], data_in_flash[], bss_start[], bss_end[], stack_top[];
extern int main(void);
extern void exit(int) __attribute__((noreturn));
extern void initialise_monitor_handles(void); /* librdimon: the semihosting files */
void _init(void);
void _fini(void);
void reset(void) __attribute__((noreturn));

void _init(void) {} /* newlib's exit() calls both */
void _fini(void) {}

static void fault(void) /* ends the emulator with status 99 */
{
    static uint32_t stopped[2] = {0x20026u, 99u}; /* application exit, with a status */
    register uint32_t operation __asm__("r0") = 0x20u;
    register uint32_t *argument __asm__("r1") = stopped;
    __asm__ volatile("bkpt 0xab" : "+r"(operation) : "r"(argument) : "memory");
    for (;;) {
    }
}

struct vectors {
    char *stack;
    void (*handler[15])(void);
};
__attribute__((section(".vectors"), used)) static const struct vectors table = {
    stack_top, {reset, fault, fault, fault, fault, fault, fault}};

void reset(void) {
    *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20; /* coprocessors 10 and 11: the FPU */
    __asm__ volatile("dsb\n\tisb");
    memcpy(data_start, data_in_flash, (size_t)(data_end - data_start));
    memset(bss_start, 0, (size_t)(bss_end - bss_start));
    initialise_monitor_handles();
    exit(main());
}
