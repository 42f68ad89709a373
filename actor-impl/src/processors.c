/* SPDX-License-Identifier: MIT */

/*
 * How many processors there are for this process: those it may run on, and no more than the time
 * that its control groups grant, which is how containers are limited. A process is in a group of
 * each hierarchy, /proc/self/cgroup says which; where that is to be found, /proc/self/mountinfo
 * says; and every group on the way up to the root may have a limit, of which the lowest counts.
 * Versions 1 and 2 differ in the names of files. What cannot be read or understood is no limit. All
 * paths are in memory of their own, since this may run on the stack of a handler.
 */

#define _GNU_SOURCE /* asprintf(), sched_getaffinity() */

#include "processors.h"

#include "util/memory.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_PROCESSORS (1u << 20)

/* A hierarchy that limits processors: where the process is in it, and where that is mounted. */
struct hierarchy {
	bool is_v2;
	char path[PATH_MAX];  /* the process's group */
	char mount[PATH_MAX]; /* "": not mounted */
	char top[PATH_MAX];   /* which group is seen at the mount */
	char folder[2 * PATH_MAX];
};

/* Whether a list, separated by commas, has a word in it. */
static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	while (list) {
		if (strncmp(list, word, n) == 0 && (list[n] == ',' || list[n] == '\0'))
			return true;
		list = strchr(list, ',');
		list = list ? list + 1 : NULL;
	}
	return false;
}

static FILE *open_file(const char *root, const char *path, const char *name)
{
	char *full;
	FILE *file;

	if (asprintf(&full, "%s%s%s", root, path, name) < 0)
		return NULL;
	file = fopen(full, "re");
	free(full);
	return file;
}

static bool copy_text(char *to, const char *from)
{
	size_t n = strlen(from);

	if (n >= PATH_MAX)
		return false;
	memcpy(to, from, n + 1);
	return true;
}

/* In each line "0::/path", or in version 1 "4:cpu,cpuacct:/path". */
static bool find_group(const char *root, struct hierarchy *hierarchy)
{
	FILE *file = open_file(root, "/proc/self/cgroup", "");
	char *line = NULL, *controllers, *path;
	size_t n_line = 0;
	bool found = false;

	while (file && !found && getline(&line, &n_line, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		controllers = strchr(line, ':');
		path = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!path)
			continue;
		*path++ = '\0';
		controllers++;
		if (hierarchy->is_v2 ? *controllers == '\0' : has_word(controllers, "cpu"))
			found = copy_text(hierarchy->path, path);
	}
	free(line);
	if (file)
		fclose(file);
	return found;
}

/* Blanks and the like are written as \040 there. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (text[0] == '\\' && strspn(text + 1, "01234567") >= 3) {
			*to++ = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + text[3] - '0');
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* In each line "36 35 98:0 /top /mount options [tags] - type source options". */
static bool is_mount(char *line, struct hierarchy *hierarchy)
{
	char *words[5], *rest = strstr(line, " - "), *more = NULL;
	const char *type, *options;

	if (!rest)
		return false;
	*rest = '\0';
	type = strtok_r(rest + 3, " \n", &more);
	strtok_r(NULL, " \n", &more);
	options = strtok_r(NULL, " \n", &more);
	if (!type || strcmp(type, hierarchy->is_v2 ? "cgroup2" : "cgroup") != 0 ||
	    (!hierarchy->is_v2 && !(options && has_word(options, "cpu"))))
		return false;
	for (size_t i = 0; i < 5; i++)
		if (!(words[i] = strtok_r(i == 0 ? line : NULL, " ", &more)))
			return false;
	unescape(words[3]);
	unescape(words[4]);
	return copy_text(hierarchy->top, words[3]) && copy_text(hierarchy->mount, words[4]);
}

static bool find_mount(const char *root, struct hierarchy *hierarchy)
{
	FILE *file = open_file(root, "/proc/self/mountinfo", "");
	char *line = NULL;
	size_t n_line = 0;
	bool found = false;

	while (file && !found && getline(&line, &n_line, file) > 0)
		found = is_mount(line, hierarchy);
	free(line);
	if (file)
		fclose(file);
	return found;
}

static bool read_number(const char *root, const char *folder, const char *name, long long *ret)
{
	FILE *file = open_file(root, folder, name);
	bool done = file && fscanf(file, "%lld", ret) == 1;

	if (file)
		fclose(file);
	return done;
}

/* "max 100000", or "50000 100000": so much of each so much. */
static bool read_v2(const char *root, const char *folder, long long *ret_quota,
		    long long *ret_period)
{
	FILE *file = open_file(root, folder, "/cpu.max");
	bool done = file && fscanf(file, "%lld %lld", ret_quota, ret_period) == 2;

	if (file)
		fclose(file);
	return done;
}

static bool read_v1(const char *root, const char *folder, long long *ret_quota,
		    long long *ret_period)
{
	return read_number(root, folder, "/cpu.cfs_quota_us", ret_quota) &&
	       read_number(root, folder, "/cpu.cfs_period_us", ret_period);
}

/* What one group grants; 0 for no limit, as version 1 says by -1. */
static unsigned quota_of(const char *root, const char *folder, bool is_v2)
{
	long long quota, period, n;

	if (!(is_v2 ? read_v2 : read_v1)(root, folder, &quota, &period) || quota <= 0 ||
	    period <= 0)
		return 0;
	n = (quota - 1) / period + 1;
	return n < UINT_MAX ? (unsigned)n : 0;
}

static unsigned lower(unsigned a, unsigned b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* The part of the group's path that is below the mount: all of it where that is the root, none
 * where the group is not in what is mounted. */
static const char *path_below(const struct hierarchy *hierarchy)
{
	size_t n = strlen(hierarchy->top);

	if (strcmp(hierarchy->top, "/") == 0)
		return strncmp(hierarchy->path, "/..", 3) == 0 ? "" : hierarchy->path;
	if (strncmp(hierarchy->path, hierarchy->top, n) != 0 ||
	    (hierarchy->path[n] != '/' && hierarchy->path[n] != '\0'))
		return "";
	return hierarchy->path + n;
}

/* From the process's group up to what is mounted. */
static unsigned quota_in(const char *root, struct hierarchy *hierarchy)
{
	char *folder = hierarchy->folder;
	size_t n_mount, n;
	unsigned quota = 0;

	if (!find_group(root, hierarchy) || !find_mount(root, hierarchy))
		return 0;
	n_mount = strlen(hierarchy->mount);
	n = (size_t)snprintf(folder, sizeof hierarchy->folder, "%s%s", hierarchy->mount,
			     path_below(hierarchy));
	for (;;) {
		quota = lower(quota, quota_of(root, folder, hierarchy->is_v2));
		while (n > n_mount && folder[n - 1] != '/')
			n--;
		if (n <= n_mount)
			break;
		folder[--n] = '\0';
	}
	return quota;
}

unsigned actor__processors_quota(const char *root)
{
	struct hierarchy *hierarchy = actor__memory_alloc(sizeof *hierarchy);
	unsigned quota;

	if (!hierarchy)
		return 0;
	hierarchy->is_v2 = true;
	quota = quota_in(root, hierarchy);
	hierarchy->is_v2 = false;
	quota = lower(quota, quota_in(root, hierarchy));
	free(hierarchy);
	return quota;
}

/* Of the first @n_most, those it may run on: 0 when that is not known, a negative number when the
 * system has more. */
static int count_allowed(unsigned n_most)
{
	size_t bytes = CPU_ALLOC_SIZE(n_most);
	cpu_set_t *set = actor__memory_alloc(bytes);
	int n = 0;

	if (!set)
		return 0;
	if (sched_getaffinity(0, bytes, set) == 0)
		n = CPU_COUNT_S(bytes, set);
	else if (errno == EINVAL)
		n = -1;
	free(set);
	return n;
}

static unsigned allowed(void)
{
	long n = -1;

	for (unsigned n_most = CPU_SETSIZE; n < 0 && n_most <= MOST_PROCESSORS; n_most *= 2)
		n = count_allowed(n_most);
	if (n <= 0)
		n = sysconf(_SC_NPROCESSORS_ONLN);
	return n > 0 ? (unsigned)n : 1;
}

unsigned actor__processors(void)
{
	return lower(allowed(), actor__processors_quota(""));
}
