# usercrash-cage: makes the system calls of a list, one after the other, and nothing else. The list is what step-table.ts writes into
# a file in memory, which comes as descriptor 3: it is mapped shared, so that whoever made it can read what became of each call.
#
# So everything that a cage is can be read and tested in TypeScript (cage-steps.ts), although Node cannot run code between fork
# and exec. The last call of a list is execve.
#
# It is the whole ELF file, headers included; scripts/generate-assembled.ts assembles it. It has no memory but the list.
#
# r12 the step   rbx what a step with KEEP gave   ebp the step's flags

        .intel_syntax noprefix
        .text

        .set BASE,         0x400000

# The list: step-table.ts has the same numbers
        .set TABLE,      0x10000000
        .set TABLE_BYTES, 0x20000
        .set TABLE_FD,       3
        .set NUMBER,         0          # u32, of the system call
        .set FLAGS,          4          # u16
        .set SKIP,           6          # u16: steps to leave out when it failed
        .set ARGUMENTS,      8          # six u64
        .set RESULT,        56          # i64, written here
        .set STEP_BYTES,    64

# Flags
        .set REQUIRED_BIT,   0          # ends everything when it fails
        .set FORK_BIT,       1          # the parent goes on at the first argument, and keeps the child's pid
        .set KEEP_BIT,       2          # later steps may use what it gave
        .set FIRST_BIT,      3          # its first argument is what was kept
        .set SECOND_BIT,     4          # its second argument is what was kept
        .set WAIT_BIT,       5          # wait4 for the child that was kept; ends as the child ended
        .set SUCCESS_BIT,    6          # SKIP counts when it succeeded instead
        .set NONZERO_BIT,    7          # 0 (a read at the end of a file) is a failure, too

# System calls (asm/unistd_64.h)
        .set SYS_mmap,       9
        .set SYS_getpid,    39
        .set SYS_wait4,     61
        .set SYS_kill,      62
        .set SYS_exit_group,231
        .set EINTR,          4

        .set FAILED,       125          # the exit code of what did not get to its end

# ── ELF header and program headers: elf(5) ────────────────────────────────────────────────────────────────────────────────
start:
        .byte   0x7f, 'E', 'L', 'F', 2, 1, 1, 0         # 64 bits, little endian, System V
        .quad   0
        .word   2, 62                                   # ET_EXEC, EM_X86_64
        .long   1
        .quad   BASE + (main - start)                   # e_entry
        .quad   64, 0                                   # e_phoff, e_shoff
        .long   0
        .word   64, 56, 2, 64, 0, 0                     # sizes, two program headers, no sections
        .long   1, 5                                    # PT_LOAD, readable and executable
        .quad   0, BASE, BASE
        .quad   end - start, end - start
        .quad   0x1000
        .long   0x6474e551, 6                           # PT_GNU_STACK, not executable
        .quad   0, 0, 0, 0, 0, 16

# ── the program ───────────────────────────────────────────────────────────────────────────────────────────────────────────
main:
# mmap(TABLE, TABLE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, TABLE_FD, 0)
        mov     edi, TABLE
        mov     esi, TABLE_BYTES
        mov     edx, 3
        mov     r10d, 0x11
        mov     r8d, TABLE_FD
        xor     r9d, r9d
        mov     eax, SYS_mmap
        syscall
        test    rax, rax
        js      failed
        mov     r12, rax
        xor     ebx, ebx

next:
        mov     eax, [r12 + NUMBER]
        movzx   ebp, word ptr [r12 + FLAGS]
        mov     rdi, [r12 + ARGUMENTS]
        mov     rsi, [r12 + ARGUMENTS + 8]
        mov     rdx, [r12 + ARGUMENTS + 16]
        mov     r10, [r12 + ARGUMENTS + 24]
        mov     r8,  [r12 + ARGUMENTS + 32]
        mov     r9,  [r12 + ARGUMENTS + 40]
        bt      ebp, WAIT_BIT
        jc      wait
        bt      ebp, FIRST_BIT
        cmovc   rdi, rbx
        bt      ebp, SECOND_BIT
        cmovc   rsi, rbx
        syscall
        mov     [r12 + RESULT], rax
        bt      ebp, KEEP_BIT
        cmovc   rbx, rax
        movzx   ecx, word ptr [r12 + SKIP]
        test    rax, rax
        js      did_fail
        jz      gave_zero
        bt      ebp, FORK_BIT
        jnc     did_succeed
        mov     rbx, rax                                # the parent
        mov     r12, [r12 + ARGUMENTS]
        jmp     next
gave_zero:
        bt      ebp, NONZERO_BIT
        jc      did_fail
did_succeed:
        bt      ebp, SUCCESS_BIT
        jc      skip
        jmp     step_on
did_fail:
        bt      ebp, REQUIRED_BIT
        jc      failed
        bt      ebp, SUCCESS_BIT
        jnc     skip
step_on:
        xor     ecx, ecx
skip:
        inc     ecx
        shl     ecx, 6                                  # STEP_BYTES
        add     r12, rcx
        jmp     next

failed:
        mov     edi, FAILED
end_now:
        mov     eax, SYS_exit_group
        syscall

# wait4(child, &RESULT, 0, NULL), then ends as it ended
wait:
        mov     rdi, rbx
        lea     rsi, [r12 + RESULT]
        xor     edx, edx
        xor     r10d, r10d
        mov     eax, SYS_wait4
        syscall
        cmp     rax, -EINTR
        je      wait
        test    rax, rax
        js      failed
        mov     ebp, [r12 + RESULT]                     # wait(2): the signal in the lowest seven bits, the exit code above eight
        movzx   edi, bp
        shr     edi, 8
        and     ebp, 0x7f
        jz      end_now
        mov     eax, SYS_getpid
        syscall
        mov     edi, eax
        mov     esi, ebp
        mov     eax, SYS_kill
        syscall
        lea     edi, [rbp + 128]                        # a signal that we ignore
        jmp     end_now
end:
