"""Numbers of system calls on x86_64 (asm/unistd_64.h) and aarch64 (asm-generic/unistd.h), "-" where there is none."""

import struct

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64 of linux/audit.h."""
NEWEST = 450
"""set_mempolicy_home_node, of Linux 5.17: what came later is not listed here."""

NETWORK = """
socket 41 198, socketpair 53 199, connect 42 203, accept 43 202, accept4 288 242, bind 49 200, listen 50 201,
setsockopt 54 208, sendmmsg 307 269
"""
FILES = """
creat 85 -, truncate 76 45, ftruncate 77 46, fallocate 285 47, rename 82 -, renameat 264 38, renameat2 316 276,
unlink 87 -, unlinkat 263 35, mkdir 83 -, mkdirat 258 34, rmdir 84 -, mknod 133 -, mknodat 259 33, link 86 -,
linkat 265 37, symlink 88 -, symlinkat 266 36, chmod 90 -, fchmod 91 52, fchmodat 268 53, chown 92 -, lchown 94 -,
fchown 93 55, fchownat 260 54, utime 132 -, utimes 235 -, futimesat 261 -, utimensat 280 88, setxattr 188 5,
lsetxattr 189 6, fsetxattr 190 7, removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16,
name_to_handle_at 303 264, open_by_handle_at 304 265, inotify_init 253 -, inotify_init1 294 26, fanotify_init 300 262,
fanotify_mark 301 263, memfd_create 319 279, memfd_secret 447 447, splice 275 76, tee 276 77, vmsplice 278 75,
mount 165 40, umount2 166 39, pivot_root 155 41, chroot 161 51, open_tree 428 428, move_mount 429 429, fsopen 430 430,
fsconfig 431 431, fsmount 432 432, fspick 433 433, mount_setattr 442 442, quotactl 179 60, quotactl_fd 443 443,
swapon 167 224, swapoff 168 225
"""
PROCESSES = """
fork 57 -, vfork 58 -, execve 59 221, execveat 322 281, unshare 272 97, setns 308 268, ptrace 101 117, tkill 200 130,
rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240, pidfd_open 434 434, pidfd_getfd 438 438,
pidfd_send_signal 424 424, process_vm_readv 310 270, process_vm_writev 311 271, process_madvise 440 440,
process_mrelease 448 448, kcmp 312 272, setsid 112 157, setpgid 109 154, setpriority 141 140, ioprio_set 251 30,
sched_setscheduler 144 119, sched_setparam 142 118, sched_setattr 314 274, sched_setaffinity 203 122,
migrate_pages 256 238, move_pages 279 239, setrlimit 160 164, get_robust_list 274 100,
shmget 29 194, shmat 30 196, shmctl 31 195, msgget 68 186, msgsnd 69 189, msgrcv 70 188, msgctl 71 187,
semget 64 190, semop 65 193, semtimedop 220 192, semctl 66 191, mq_open 240 180, mq_unlink 241 181
"""
KERNEL = """
setuid 105 146, setgid 106 144, setreuid 113 145, setregid 114 143, setresuid 117 147, setresgid 119 149,
setfsuid 122 151, setfsgid 123 152, setgroups 116 159, capset 126 91, seccomp 317 277, personality 135 92,
keyctl 250 219, add_key 248 217, request_key 249 218, bpf 321 280, perf_event_open 298 241, userfaultfd 323 282,
io_uring_setup 425 425, io_uring_enter 426 426, io_uring_register 427 427, modify_ldt 154 -, iopl 172 -, ioperm 173 -,
init_module 175 105, finit_module 313 273, delete_module 176 106, kexec_load 246 104, kexec_file_load 320 294,
reboot 169 142, syslog 103 116, acct 163 89, settimeofday 164 170, clock_settime 227 112, clock_adjtime 305 266,
adjtimex 159 171, sethostname 170 161, setdomainname 171 162, vhangup 153 58, uselib 134 -, ustat 136 -, sysfs 139 -,
_sysctl 156 -, lookup_dcookie 212 18, nfsservctl 180 42
"""
JUDGED = """
open 2 -, openat 257 56, openat2 437 437, clone 56 220, clone3 435 435, kill 62 129, tgkill 234 131,
prlimit64 302 261, prctl 157 167, fcntl 72 25, ioctl 16 29, sendto 44 206, capget 125 90
"""
"""Those that are needed, or whose arguments decide."""


def numbers(table: str, machine: str) -> dict[str, int]:
    """Name -> number of those calls in `table` that `machine`, a key of `ARCHITECTURES`, has."""
    place = 1 + list(ARCHITECTURES).index(machine)
    entries = [entry.split() for entry in table.split(",")]
    return {entry[0]: int(entry[place]) for entry in entries if entry[place] != "-"}


def unknown(machine: str) -> str:
    """Why these numbers are not those of a program on `machine`, or "" when they are."""
    if machine not in ARCHITECTURES:
        return f"the numbers of system calls on {machine} are not listed, only those on {' and '.join(ARCHITECTURES)}"
    if struct.calcsize("P") != 8:
        return "this Python is a 32-bit program, whose system calls have other numbers"
    return ""
