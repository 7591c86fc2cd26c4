# usercrash-handover: what core_pattern names. The kernel starts it for every crash, with descriptor 0 = the core's pipe, 1 and
# 2 closed, and 3 = a pidfd where the last argument is not empty. It passes both to the resident client, which captures the
# process in milliseconds, and becomes an ordinary client (execve) wherever that does not work:
#
#   usercrash-handover RUNDIR %P %I ... %F
#   usercrash-handover RUNDIR %P %I %d %s %F /default/handler ITS WORDS...
#   usercrash-handover RUNDIR %P %I ... %c %F f      (or p: protocol/kernel-arguments.ts, HANDLER_MARKS)
#
# With a default handler (what core_pattern held before us) it becomes that in the end, whatever came of our part, with the pipe as
# the kernel gave it: our clients only look into it (tee). An ordinary client is then a grandchild of ours, which lets us go on
# by closing descriptor GATE, or by ending. With a mark the default handler is the client, called RUNDIR --default-handler %P ... %F;
# not with f and an RLIMIT_CORE that lets nothing be written: then nothing is started.
#
# What becomes a client takes one of 16 places first, and keeps it until its crash is stored: RUNDIR/place.a to place.p, by pid. A client
# takes some 45 MiB, whoever waits for a place next to nothing, and so many more may wait than may run (kernel.core_pipe_limit).
# Default handlers that are the client have 16 of their own, place.A to place.P: they write where a dead process's user says, which may
# never end. Nobody waits for one of these longer than 60 s; it is skipped then, as by socket (connection-handlers.ts).
# Of both the crashes of one user have half at most, where %u is told: each has a lock on one byte of place.0 besides, of eight for its
# user. These locks are the open file's (F_OFD_SETLK), and end with it as those of the places do.
#
# It is the whole ELF file, headers included; scripts/generate-assembled.ts assembles it, handover-program.ts appends the client's
# path at the end. It uses no memory but its stack, opens nothing that is not close-on-exec, and allocates nothing.
#
# r12 argc   r13 argv   r14 envp   r15 socket   rbp 1 when a wait is over   rsp+0 the frame below

        .intel_syntax noprefix
        .text

        .set BASE,         0x400000

# System calls (asm/unistd_64.h)
        .set SYS_write,      1
        .set SYS_open,       2
        .set SYS_close,      3
        .set SYS_poll,       7
        .set SYS_dup2,      33
        .set SYS_writev,    20
        .set SYS_socket,    41
        .set SYS_connect,   42
        .set SYS_recvfrom,  45
        .set SYS_sendmsg,   46
        .set SYS_shutdown,  48
        .set SYS_setsockopt,54
        .set SYS_fork,      57
        .set SYS_getpid,    39
        .set SYS_execve,    59
        .set SYS_wait4,     61
        .set SYS_fcntl,     72
        .set SYS_flock,     73
        .set SYS_exit_group,231
        .set SYS_pipe2,     293

# asm-generic/errno-base.h
        .set EINTR,          4
        .set EAGAIN,        11

# The frame
        .set ADDRESS,        0          # struct sockaddr_un, 110 bytes
        .set TIME,         112          # struct timeval
        .set VECTOR,       128          # struct iovec
        .set CONTROL,      144          # struct cmsghdr and two descriptors
        .set MESSAGE,      176          # struct msghdr, 56 bytes
        .set HANDLER,      232          # where in argv the default handler's words begin; argv itself for a mark; 0 for none
        .set ANSWER,       240          # what the resident client says
        .set PIDFD_WORD,   248          # %F
        .set FRAME,        256

        .set SUFFIX_BYTES,  15          # "/resident.sock" and its NUL
        .set PLACE_BYTES,    9          # "/place.a" and its NUL
        .set GATE,           9          # closed by an ordinary client when it has let go: client/default-handler.ts
        .set GATE_MS,    60000
        .set PLACE_FD,      10          # the lowest for a place: beyond all that a client looks at
        .set PLACE_SHIFT,   28          # 16 places
        .set PATIENCE_S,    10          # longer than a server lets a resident client hang (server/keep-resident.ts), which ends this wait
        .set LATE_MS,     2000          # a resident client that took a crash after we had hung up is done by then
        .set PLACES,        16
        .set HANDLER_TRIES,240          # for a place of a default handler: 60 s
        .set HANDLER_PAUSE_MS, 250
        .set USER_PLACES,    8          # a power of two
        .set USER_SHIFT,     4          # bytes of place.0 for a user: eight for clients, eight for default handlers
        .set WORDS,         13          # argc with all specifiers: SPECIFIERS in protocol/kernel-arguments.ts
        .set F_OFD_SETLK,   37          # asm-generic/fcntl.h
        .set F_OFD_SETLKW,  38
        .set MARKED_WORDS,  14          # argc with a mark
        .set MIN_CORE,    4096          # MIN_CORE_LIMIT_BYTES in protocol/kernel-arguments.ts
        .set MAX_DIRECTORY, 93          # what of sun_path's 108 bytes is left for the run directory

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
        .quad   0, 0                                    # p_filesz, p_memsz: written by handover-program.ts
        .quad   0x1000
        .long   0x6474e551, 6                           # PT_GNU_STACK, not executable
        .quad   0, 0, 0, 0, 0, 16

# ── the program ───────────────────────────────────────────────────────────────────────────────────────────────────────────
main:
        mov     r12, [rsp]
        lea     r13, [rsp + 8]
        lea     r14, [r13 + r12 * 8 + 8]
        sub     rsp, FRAME
        xor     ebp, ebp
        mov     [rsp + HANDLER], rbp
        cmp     r12, 3
        jl      become_client
        mov     rdi, [r13 + r12 * 8 - 8]
        mov     [rsp + PIDFD_WORD], rdi
        cmp     r12, 8
        jl      no_handler
        lea     rdi, [r13 + 7 * 8]
        mov     rax, [rdi]
        cmp     byte ptr [rax], '/'                     # a number where there is no default handler
        jne     look_for_mark
        mov     [rsp + HANDLER], rdi
        mov     rdi, [r13 + 6 * 8]
        mov     [rsp + PIDFD_WORD], rdi
        jmp     no_handler
look_for_mark:
        cmp     r12, MARKED_WORDS
        jne     no_handler
        mov     rdi, [r13 + 12 * 8]
        mov     [rsp + PIDFD_WORD], rdi
        mov     rax, [r13 + 13 * 8]
        cmp     byte ptr [rax], 'f'
        jne     marked
        mov     rsi, [r13 + 11 * 8]                     # %c
        xor     ecx, ecx
read_limit:
        movzx   eax, byte ptr [rsi]
        sub     eax, '0'
        cmp     eax, 9
        ja      no_handler                              # its end, and it is below MIN_CORE
        imul    ecx, ecx, 10
        add     ecx, eax
        inc     rsi
        cmp     ecx, MIN_CORE
        jl      read_limit
marked:
        mov     [rsp + HANDLER], r13
no_handler:

# ADDRESS = { AF_UNIX, "RUNDIR/resident.sock" }; rbx = its length
        cld
        mov     word ptr [rsp + ADDRESS], 1
        lea     rdi, [rsp + ADDRESS + 2]
        mov     rsi, [r13 + 8]
        mov     ecx, MAX_DIRECTORY
copy_directory:
        lodsb
        test    al, al
        jz      append_suffix
        stosb
        dec     ecx
        jnz     copy_directory
        jmp     become_client
append_suffix:
        lea     rsi, [rip + suffix]
        mov     ecx, SUFFIX_BYTES
        rep     movsb
        mov     rbx, rdi
        sub     rbx, rsp

# socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)
        mov     eax, SYS_socket
        mov     edi, 1
        mov     esi, 0x80005
        xor     edx, edx
        syscall
        test    eax, eax
        js      become_client
        mov     r15d, eax

# Nobody may hold us for longer before it has said that it will take the crash. A busy one is waited for: the pipe in its queue holds
# the process in any case, and a client for each would take some 30 MiB each.
        mov     r9d, PATIENCE_S
        mov     edx, 21                                 # SO_SNDTIMEO
        call    set_timeout
        mov     edx, 20                                 # SO_RCVTIMEO
        call    set_timeout

# connect(socket, ADDRESS, rbx)
        mov     eax, SYS_connect
        mov     edi, r15d
        lea     rsi, [rsp + ADDRESS]
        mov     edx, ebx
        syscall
        test    eax, eax
        js      become_client

# VECTOR = all arguments from the first on: the kernel lays them one behind the other, each with its NUL.
        mov     rsi, [r13 + 8]
        mov     rdi, [r13 + r12 * 8 - 8]
        xor     ebx, ebx                                # rbx = 1 where there is a pidfd
        mov     rdx, [rsp + PIDFD_WORD]
        cmp     byte ptr [rdx], 0
        setne   bl
find_end:
        cmp     byte ptr [rdi], 0
        lea     rdi, [rdi + 1]
        jne     find_end
        sub     rdi, rsi
        mov     [rsp + VECTOR], rsi
        mov     [rsp + VECTOR + 8], rdi

# CONTROL = { CMSG_LEN, SOL_SOCKET, SCM_RIGHTS, 0, 3 }; the second descriptor counts only where there is a pidfd
        lea     rax, [rbx * 4 + 20]
        mov     [rsp + CONTROL], rax
        mov     dword ptr [rsp + CONTROL + 8], 1
        mov     dword ptr [rsp + CONTROL + 12], 1
        mov     dword ptr [rsp + CONTROL + 16], 0
        mov     dword ptr [rsp + CONTROL + 20], 3

# MESSAGE = { no name, VECTOR, CONTROL }
        xor     ecx, ecx
        mov     [rsp + MESSAGE], rcx
        mov     [rsp + MESSAGE + 8], rcx
        lea     rcx, [rsp + VECTOR]
        mov     [rsp + MESSAGE + 16], rcx
        mov     qword ptr [rsp + MESSAGE + 24], 1
        lea     rcx, [rsp + CONTROL]
        mov     [rsp + MESSAGE + 32], rcx
        mov     [rsp + MESSAGE + 40], rax
        mov     qword ptr [rsp + MESSAGE + 48], 0

# sendmsg(socket, MESSAGE, MSG_NOSIGNAL)
        mov     eax, SYS_sendmsg
        mov     edi, r15d
        lea     rsi, [rsp + MESSAGE]
        mov     edx, 0x4000
        syscall
        test    rax, rax
        js      become_client

# "A": the resident client has the crash. Until then it has read nothing, and we may still become a client of our own.
        mov     r8b, 'A'
        call    expect_answer
        jne     become_client

# It came as we hung up: the crash is taken, but no "R" can reach us any more. The resident client's own copy of the pipe holds
# the process; a second client would read the same pipe.
        test    ebp, ebp
        jnz     taken_late

# "R": the process has been let go. Our copy of the pipe held it until here, so that a resident client that dies midway
# leaves us something to report.
        mov     r9d, 60
        mov     edx, 20
        call    set_timeout
        mov     r8b, 'R'
        call    expect_answer
        jne     become_client
done:
        mov     rsi, [rsp + HANDLER]
        test    rsi, rsi
        jnz     become_handler
        xor     edi, edi
        mov     eax, SYS_exit_group
        syscall

taken_late:
        cmp     qword ptr [rsp + HANDLER], 0
        je      done
        mov     edx, LATE_MS
        xor     esi, esi                                # poll(nothing, 0, LATE_MS)
        mov     eax, SYS_poll
        syscall
        jmp     done

become_handler:
        cmp     rsi, r13
        je      become_default_handler
        mov     rdi, [rsi]
        mov     rdx, r14
        mov     eax, SYS_execve
        syscall
        jmp     complain

# argv = { program, RUNDIR, "--default-handler", %P, ... %F }: one place up, over the mark.
become_default_handler:
        lea     rsi, [r13 + 12 * 8]
        lea     rdi, [r13 + 13 * 8]
        mov     ecx, 11
        std
        rep     movsq
        cld
        lea     rax, [rip + option]
        mov     [r13 + 2 * 8], rax
        mov     r15d, HANDLER_TRIES
        mov     r8d, 'A' - 'a'
        jmp     execute_in_place

become_client:
        cmp     qword ptr [rsp + HANDLER], 0
        je      execute_client

# A client of its own, which must not be the default handler's child: a grandchild. ANSWER = { gate to read, gate to write }
        lea     rdi, [rsp + ANSWER]
        mov     esi, 0x80000                            # O_CLOEXEC
        mov     eax, SYS_pipe2
        syscall
        test    eax, eax
        js      done
        mov     eax, SYS_fork
        syscall
        test    eax, eax
        js      done
        jz      child
        mov     edi, eax                                # wait4(child, NULL, 0, NULL)
        xor     esi, esi
        xor     edx, edx
        xor     r10d, r10d
        mov     eax, SYS_wait4
        syscall
        mov     edi, [rsp + ANSWER + 4]
        mov     eax, SYS_close
        syscall
        mov     word ptr [rsp + ANSWER + 4], 1          # struct pollfd = { gate, POLLIN, 0 }
        mov     word ptr [rsp + ANSWER + 6], 0
        lea     rdi, [rsp + ANSWER]
        mov     esi, 1
        mov     edx, GATE_MS
        mov     eax, SYS_poll
        syscall
        jmp     done

child:
        mov     eax, SYS_fork
        syscall
        test    eax, eax
        jz      grandchild
        xor     edi, edi
        mov     eax, SYS_exit_group
        syscall
grandchild:
        mov     edi, [rsp + ANSWER + 4]
        mov     esi, GATE
        mov     eax, SYS_dup2                           # without O_CLOEXEC
        syscall

execute_client:
        xor     r15d, r15d
        xor     r8d, r8d
execute_in_place:
        call    take_place
        lea     rdi, [rip + client]
        mov     rsi, r13
        mov     rdx, r14
        mov     eax, SYS_execve
        syscall

# There is no such program: one line in the kernel log, priority LOG_DAEMON | LOG_ERR. The stack is what is written: struct iovec, ebp of them.
complain:
        mov     eax, offset COMPLAINT_BYTES             # without `offset` a later symbol means memory
        push    rax
        lea     rax, [rip + complaint]
        push    rax
        mov     ebp, 1
say:
        lea     rdi, [rip + kernel_log]
        mov     esi, 1
        mov     eax, SYS_open
        syscall
        mov     edi, eax
        mov     rsi, rsp
        mov     edx, ebp
        mov     eax, SYS_writev
        syscall
        mov     edi, 1
        mov     eax, SYS_exit_group
        syscall

skip_handler:
        mov     rsi, [r13 + 3 * 8]                      # %P, one place up
        mov     rdi, rsi
find_pid_end:
        cmp     byte ptr [rdi], 0
        lea     rdi, [rdi + 1]
        jne     find_pid_end
        sub     rdi, rsi
        dec     rdi
        mov     eax, offset SKIPPED_BYTES
        push    rax
        lea     rax, [rip + skipped]
        push    rax
        push    rdi
        push    rsi
        mov     eax, offset SKIPPED_PID_BYTES
        push    rax
        lea     rax, [rip + skipped_pid]
        push    rax
        mov     ebp, 3
        jmp     say

# Waits for a place: a lock that ends with the client. Where there is none to be had, we go on without. r8b = what is added to the place's
# letter; r15d = after how many pauses a default handler is skipped, and 0 for a client, which waits as long as it takes. Ours are r12 and
# rbp; the return address is on the stack: offsets + 8.
take_place:
        cmp     r12, 2
        jl      no_place
        lea     rdi, [rsp + 8 + ADDRESS]
        mov     rsi, [r13 + 8]
        mov     ecx, MAX_DIRECTORY
copy_place:
        lodsb
        test    al, al
        jz      append_place
        stosb
        dec     ecx
        jnz     copy_place
        ret
append_place:
        lea     rsi, [rip + place]
        mov     ecx, PLACE_BYTES
        rep     movsb
        lea     rbp, [rdi - 2]                          # the letter
        mov     rax, [rsp + 8 + HANDLER]
        test    rax, rax
        jz      look_for_user
        cmp     rax, r13
        jne     choose_place                            # %u has given way to another handler's words
look_for_user:
        cmp     r12, WORDS
        jl      choose_place

# CONTROL = struct flock { F_WRLCK, SEEK_SET, %u << USER_SHIFT, 1 byte, 0 }
        xor     ecx, ecx
        xor     edx, edx                                # of a default handler %u is one place up, and its bytes are the second eight
        test    r15d, r15d
        setnz   dl
        mov     rsi, [r13 + rdx * 8 + 6 * 8]
read_user:
        movzx   eax, byte ptr [rsi]
        sub     eax, '0'
        cmp     eax, 9
        ja      user_is_read
        imul    rcx, rcx, 10
        add     rcx, rax
        inc     rsi
        jmp     read_user
user_is_read:
        shl     rcx, USER_SHIFT
        lea     rcx, [rcx + rdx * USER_PLACES]
        mov     qword ptr [rsp + 8 + CONTROL], 1
        mov     [rsp + 8 + CONTROL + 8], rcx
        mov     qword ptr [rsp + 8 + CONTROL + 16], 1
        mov     qword ptr [rsp + 8 + CONTROL + 24], 0
        mov     byte ptr [rbp], '0'
        call    open_place
        js      no_place
        mov     esi, F_OFD_SETLK
try_user:
        mov     edi, ebx
        lea     rdx, [rsp + 8 + CONTROL]
        mov     eax, SYS_fcntl
        syscall
        cmp     eax, -EAGAIN
        jne     has_user
        inc     byte ptr [rsp + 8 + CONTROL + 8]
        test    byte ptr [rsp + 8 + CONTROL + 8], USER_PLACES - 1
        jnz     try_user
        sub     byte ptr [rsp + 8 + CONTROL + 8], USER_PLACES
        call    pause
        mov     esi, F_OFD_SETLK
        jnz     try_user
        call    own_number                              # a client waits for one of them, and they spread
        and     al, USER_PLACES - 1
        add     [rsp + 8 + CONTROL + 8], al
        mov     esi, F_OFD_SETLKW
        jmp     try_user
has_user:
        mov     byte ptr [rbp], 'a'

choose_place:
        call    own_number
        mov     r12d, eax
        mov     r9d, PLACES
try_place:
        lea     eax, [r12 + 'a']
        add     al, r8b
        mov     [rbp], al
        call    open_place
        js      no_place
        mov     edi, ebx
        mov     esi, 6                                  # LOCK_EX | LOCK_NB
        test    r9d, r9d
        jns     lock
        mov     esi, 2                                  # LOCK_EX
lock:
        mov     eax, SYS_flock
        syscall
        cmp     eax, -EAGAIN
        jne     no_place
        mov     edi, ebx
        mov     eax, SYS_close
        syscall
        inc     r12d
        and     r12d, PLACES - 1
        dec     r9d
        jnz     try_place
        mov     r9d, PLACES
        call    pause
        jnz     try_place
        mov     r9d, -1                                 # none was free: a client waits for the one that it began with
        jmp     try_place
no_place:
        ret

# Before another round for a default handler, and ZF is not set; for a client, which has no other, nothing, and it is.
pause:
        test    r15d, r15d
        jz      paused
        dec     r15d
        jz      skip_handler
        mov     edx, HANDLER_PAUSE_MS
        xor     esi, esi                                # poll(nothing, 0, HANDLER_PAUSE_MS)
        mov     eax, SYS_poll
        syscall
        test    r15d, r15d
paused:
        ret

# eax = our pid times 2^32 / the golden ratio, its first four bits: whatever the pids between two crashes, they spread.
own_number:
        mov     eax, SYS_getpid
        syscall
        imul    eax, eax, -1640531535
        shr     eax, PLACE_SHIFT
        ret

# ebx = open("RUNDIR/place.x", O_RDWR | O_CREAT | O_NOFOLLOW, 0600), not one of the standard descriptors; SF where that fails. Two return
# addresses are on the stack: offsets + 16.
open_place:
        lea     rdi, [rsp + 16 + ADDRESS]
        mov     esi, 0x20042
        mov     edx, 0x180
        mov     eax, SYS_open
        syscall
        test    eax, eax
        js      place_is_open
        mov     ebx, eax
        mov     edi, eax                                # fcntl(fd, F_DUPFD, PLACE_FD)
        xor     esi, esi
        mov     edx, PLACE_FD
        mov     eax, SYS_fcntl
        syscall
        xchg    eax, ebx
        mov     edi, eax
        mov     eax, SYS_close
        syscall
        test    ebx, ebx
place_is_open:
        ret

# setsockopt(socket, SOL_SOCKET, edx, { r9 seconds }, 16); keeps r9. The return address is on the stack: offsets + 8.
set_timeout:
        mov     [rsp + 8 + TIME], r9
        mov     qword ptr [rsp + 8 + TIME + 8], 0
        push    r9
        mov     eax, SYS_setsockopt
        mov     edi, r15d
        mov     esi, 1
        lea     r10, [rsp + 16 + TIME]
        mov     r8d, 16
        syscall
        pop     r9
        ret

# Receives one packet. ZF is set where it is the one byte r8b.
#
# Where the wait is over we hang up (ebp = 1) and look once more: shutdown(2) and the peer's send take the same lock, so an answer is
# either in our queue by then, or the resident client gets EPIPE and leaves the pipe alone. A receive after it never waits.
expect_answer:
        push    r8
receive:
        mov     eax, SYS_recvfrom
        mov     edi, r15d
        lea     rsi, [rsp + 16 + ANSWER]
        mov     edx, 8
        xor     r10d, r10d
        xor     r8d, r8d
        xor     r9d, r9d
        syscall
        cmp     rax, -EINTR                             # stopped or frozen, and going on: signal(7), without any handler
        je      receive
        cmp     rax, -EAGAIN
        jne     received
        mov     ebp, 1
        mov     eax, SYS_shutdown
        mov     edi, r15d
        mov     esi, 2                                  # SHUT_RDWR
        syscall
        jmp     receive
received:
        pop     r8
        cmp     rax, 1
        jne     answered
        cmp     r8b, [rsp + 8 + ANSWER]
answered:
        ret

suffix:
        .asciz  "/resident.sock"
place:
        .asciz  "/place.a"
option:
        .asciz  "--default-handler"
kernel_log:
        .asciz  "/dev/kmsg"
complaint:
        .ascii  "<27>usercrash: cannot start a program that core_pattern stands for\n"
        .set    COMPLAINT_BYTES, . - complaint
skipped_pid:
        .ascii  "<28>usercrash: pid "
        .set    SKIPPED_PID_BYTES, . - skipped_pid
skipped:
        .ascii  ": its default handler was skipped, too many are running\n"
        .set    SKIPPED_BYTES, . - skipped
client:
