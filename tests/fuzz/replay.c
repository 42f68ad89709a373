/* SPDX-License-Identifier: MIT */

/*
 * replay PATH... - have the target take what is in files, and in the files of folders
 *
 * Says which before it does, so that the last one named is the one that did it.
 */

#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

static unsigned n_inputs;

static void replay_file(const char *path)
{
	static uint8_t bytes[1 << 20];
	FILE *file = fopen(path, "rb");
	uint8_t *copy;
	size_t n;

	MUST(file);
	n = fread(bytes, 1, sizeof bytes, file);
	MUST(!ferror(file) && n < sizeof bytes);
	fclose(file);
	printf("# %s\n", path);
	fflush(stdout);
	copy = fuzz_copy(bytes, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
	n_inputs++;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void replay_folder(const char *path)
{
	struct dirent **entries;
	char name[4096];
	int n = scandir(path, &entries, is_visible, alphasort);

	MUST(n >= 0);
	for (int i = 0; i < n; i++) {
		MUST(snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name) <
		     (int)sizeof name);
		replay_file(name);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	struct stat status;

	for (int i = 1; i < argc; i++) {
		MUST(stat(argv[i], &status) == 0);
		if (S_ISDIR(status.st_mode))
			replay_folder(argv[i]);
		else
			replay_file(argv[i]);
	}
	MUST(n_inputs > 0);
	printf("%u inputs\n", n_inputs);
	return EXIT_SUCCESS;
}
