/* SPDX-License-Identifier: BSD-3-Clause */
/* Run a fuzz target over the files of the directories given: what fuzzing found stays found, with
 * any compiler. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_data);

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data;
	long n;

	if (!f || fseek(f, 0, SEEK_END) || (n = ftell(f)) < 0 || fseek(f, 0, SEEK_SET)) {
		perror(path);
		return 1;
	}
	data = malloc((size_t)n + !n); /* exact, so that reading past the end is seen */
	if (!data || fread(data, 1, (size_t)n, f) != (size_t)n) {
		perror(path);
		return 1;
	}
	fclose(f);
	LLVMFuzzerTestOneInput(data, (size_t)n);
	free(data);
	return 0;
}

static int replay_dir(const char *dir, unsigned int *n_files)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int err = 0;

	if (!d)
		return 0; /* no crash was ever found: no directory */
	while (!err && (e = readdir(d))) {
		char path[4096];

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		err = replay_file(path);
		++*n_files;
	}
	closedir(d);
	return err;
}

int main(int argc, char **argv)
{
	unsigned int n_files = 0;

	for (int i = 1; i < argc; i++)
		if (replay_dir(argv[i], &n_files))
			return 1;
	printf("%u inputs\n", n_files);
	return n_files ? 0 : 1; /* a wrong path must not pass for a test */
}
