// SPDX-License-Identifier: GPL-2.0
/* The only program of the first ramdisk of qemu-run: loads what is in /modules, in the order of
 * names, mounts the host's root, which the emulator offers by the name "host", and makes way for
 * the first process, guest_init=. Linked statically; guest_init= and guest_job= of the kernel's
 * command line come in as variables. */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

static void must(const char *what, int failed)
{
	if (!failed)
		return;
	printf("initrd: ");
	fflush(stdout);
	perror(what);
	exit(1); /* the kernel panics, which ends the machine */
}

/* The script's words have a line of their own: among the kernel's, halves of lines could be taken
 * for whole ones. */
static void console(void)
{
	int fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY);

	must("/dev/ttyS1", fd < 0);
	must("dup2", dup2(fd, 0) || dup2(fd, 1) < 0 || dup2(fd, 2) < 0);
	if (fd > 2)
		close(fd);
}

static void load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	must(path, fd < 0 || syscall(SYS_finit_module, fd, "", 0));
	close(fd);
}

int main(void)
{
	char *argv[] = { getenv("guest_init"), NULL };
	glob_t ko;
	size_t i;

	must("/dev", mount("devtmpfs", "/dev", "devtmpfs", 0, NULL));
	console();
	must("modules", !argv[0] || glob("/modules/*.ko", 0, NULL, &ko));
	for (i = 0; i < ko.gl_pathc; i++)
		load(ko.gl_pathv[i]);
	must("the host's root", mount("host", "/root", "9p", MS_RDONLY,
					"trans=virtio,version=9p2000.L,msize=512000,cache=loose"));
	must("root", chdir("/root") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot("."));
	execv(argv[0], argv);
	must(argv[0], 1);
}
