/* SPDX-License-Identifier: MIT */

/* How many processors there are for a process, as its control groups have it: told by files that
 * are made up here. */

#define _GNU_SOURCE /* sched_setaffinity() */

#include "processors.h"

#include "test.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[PATH_MAX];

/* ---- what the system says */

static unsigned n_of_system; /* processors that it knows of, if this is not 0: all may be used */
static bool is_silent;	     /* it says nothing */

int __real_sched_getaffinity(pid_t process, size_t bytes, cpu_set_t *set);
int __wrap_sched_getaffinity(pid_t process, size_t bytes, cpu_set_t *set);

int __wrap_sched_getaffinity(pid_t process, size_t bytes, cpu_set_t *set)
{
	if (is_silent || (n_of_system > 0 && bytes * 8 < n_of_system)) {
		errno = is_silent ? EPERM : EINVAL;
		return -1;
	}
	if (n_of_system == 0)
		return __real_sched_getaffinity(process, bytes, set);
	memset(set, 0, bytes);
	for (unsigned i = 0; i < n_of_system; i++)
		CPU_SET_S(i, bytes, set);
	return 0;
}

static int make_root(void **state)
{
	const char *temporary = getenv("TMPDIR");

	(void)state;
	snprintf(root, sizeof root, "%s/processors-XXXXXX", temporary ? temporary : "/tmp");
	return mkdtemp(root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
	(void)status, (void)type, (void)at;
	return remove(path);
}

static int remove_root(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A file below the root, with the folders that lead to it. */
static void put(const char *path, const char *text)
{
	char full[2 * PATH_MAX];
	FILE *file;

	snprintf(full, sizeof full, "%s%s", root, path);
	for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(full, 0700);
		*slash = '/';
	}
	file = fopen(full, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static unsigned quota(void)
{
	return actor__processors_quota(root);
}

#define OTHER_MOUNTS                                                                               \
	"22 28 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n"                                  \
	"29 22 0:26 / /sys/fs/bpf rw - bpf none rw,mode=700\n"

static void put_v2(const char *group)
{
	put("/proc/self/cgroup", group);
	put("/proc/self/mountinfo", OTHER_MOUNTS
	    "30 22 0:27 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw,nsdelegate\n");
}

/* ---- version 2 */

static void without_files_there_is_no_limit(void **state)
{
	(void)state;
	assert_int_equal(quota(), 0);
	put("/proc/self/cgroup", "0::/a\n");
	assert_int_equal(quota(), 0);
	put_v2("0::/a\n");
	assert_int_equal(quota(), 0);
}

static void a_limit_is_rounded_up(void **state)
{
	(void)state;
	put_v2("0::/a\n");
	put("/sys/fs/cgroup/a/cpu.max", "150000 100000\n");
	assert_int_equal(quota(), 2);
	put("/sys/fs/cgroup/a/cpu.max", "200000 100000\n");
	assert_int_equal(quota(), 2);
	put("/sys/fs/cgroup/a/cpu.max", "200001 100000\n");
	assert_int_equal(quota(), 3);
	put("/sys/fs/cgroup/a/cpu.max", "1000 100000");
	assert_int_equal(quota(), 1);
	put("/sys/fs/cgroup/a/cpu.max", "max 100000\n");
	assert_int_equal(quota(), 0);
}

static void the_lowest_limit_on_the_way_up_counts(void **state)
{
	(void)state;
	put_v2("0::/a/bc/d\n");
	put("/sys/fs/cgroup/a/bc/d/cpu.max", "max 100000\n");
	put("/sys/fs/cgroup/cpu.max", "900000 100000\n");
	assert_int_equal(quota(), 9);
	put("/sys/fs/cgroup/a/cpu.max", "550000 100000\n");
	assert_int_equal(quota(), 6);
	put("/sys/fs/cgroup/a/bc/cpu.max", "700000 100000\n");
	assert_int_equal(quota(), 6);
	put("/sys/fs/cgroup/a/bc/cpu.max", "210000 100000\n");
	assert_int_equal(quota(), 3);
	/* Not of groups beside it. */
	put("/sys/fs/cgroup/a/b/cpu.max", "10000 100000\n");
	put("/sys/fs/cgroup/a/bc/d/e/cpu.max", "10000 100000\n");
	assert_int_equal(quota(), 3);
}

/* As a container sees it. */
static void the_group_may_be_the_root(void **state)
{
	(void)state;
	put_v2("0::/\n");
	put("/sys/fs/cgroup/cpu.max", "50000 20000\n");
	assert_int_equal(quota(), 3);
	/* A group outside of what is seen here. */
	put_v2("0::/../other\n");
	put("/sys/fs/other/cpu.max", "10000 100000\n");
	assert_int_equal(quota(), 3);
}

static void what_makes_no_sense_is_no_limit(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"abc\n",
		"100000\n",
		"0 100000\n",
		"100000 0\n",
		"-1 100000\n",
		"100000 -1\n",
		"9223372036854775807 1\n",
	};

	(void)state;
	put_v2("0::/a\n");
	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		put("/sys/fs/cgroup/a/cpu.max", texts[i]);
		assert_int_equal(quota(), 0);
	}
	put("/sys/fs/cgroup/a/cpu.max", "100000 100000\n");
	assert_int_equal(quota(), 1);
	put("/proc/self/cgroup", "nothing\n0\n0:\n");
	assert_int_equal(quota(), 0);
	put("/proc/self/cgroup", "0::/a\n");
	put("/proc/self/mountinfo", "30 22 - cgroup2\n - \nx - cgroup2 cgroup2 rw\n");
	assert_int_equal(quota(), 0);
}

static void a_mount_may_be_anywhere(void **state)
{
	(void)state;
	put("/proc/self/cgroup", "0::/some where/in\n");
	put("/proc/self/mountinfo",
	    OTHER_MOUNTS "30 22 0:27 /some\\040where /my\\040groups rw - cgroup2 none rw\n");
	put("/my groups/in/cpu.max", "400000 100000\n");
	assert_int_equal(quota(), 4);
	put("/my groups/cpu.max", "300000 100000\n");
	assert_int_equal(quota(), 3);
	/* Nothing is seen of groups that are not below what is mounted. */
	put("/proc/self/cgroup", "0::/some whereelse\n");
	put("/my groupselse/cpu.max", "100000 100000\n");
	put("/my groups/else/cpu.max", "100000 100000\n");
	assert_int_equal(quota(), 3);
}

/* ---- version 1 */

#define V1_GROUPS "5:cpuset:/x\n4:cpuacct,cpu:/docker/c1\n3:memory:/docker/c1\n"

static void version_1_has_other_files(void **state)
{
	(void)state;
	put("/proc/self/cgroup", V1_GROUPS);
	put("/proc/self/mountinfo",
	    OTHER_MOUNTS "31 22 0:28 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
			 "32 22 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n");
	put("/sys/fs/cgroup/cpuset/docker/c1/cpu.cfs_quota_us", "1000\n");
	put("/sys/fs/cgroup/cpuset/docker/c1/cpu.cfs_period_us", "1000\n");
	assert_int_equal(quota(), 0);
	put("/sys/fs/cgroup/cpu/docker/c1/cpu.cfs_quota_us", "-1\n");
	put("/sys/fs/cgroup/cpu/docker/c1/cpu.cfs_period_us", "100000\n");
	assert_int_equal(quota(), 0);
	put("/sys/fs/cgroup/cpu/docker/cpu.cfs_quota_us", "120000\n");
	assert_int_equal(quota(), 0); /* of what? */
	put("/sys/fs/cgroup/cpu/docker/cpu.cfs_period_us", "50000\n");
	assert_int_equal(quota(), 3);
	put("/sys/fs/cgroup/cpu/docker/c1/cpu.cfs_quota_us", "200000\n");
	assert_int_equal(quota(), 2);
}

static void of_both_versions_the_lower_limit_counts(void **state)
{
	(void)state;
	put("/proc/self/cgroup", V1_GROUPS "0::/b\n");
	put("/proc/self/mountinfo",
	    OTHER_MOUNTS "32 22 0:29 /docker/c1 /v1 rw - cgroup cgroup rw,cpuacct,cpu\n"
			 "33 22 0:30 / /v2 rw - cgroup2 cgroup2 rw\n");
	put("/v1/cpu.cfs_quota_us", "500000\n");
	put("/v1/cpu.cfs_period_us", "100000\n");
	put("/v2/b/cpu.max", "400000 100000\n");
	assert_int_equal(quota(), 4);
	put("/v2/b/cpu.max", "600000 100000\n");
	assert_int_equal(quota(), 5);
}

/* ---- here */

static void a_process_has_no_more_than_it_may_run_on(void **state)
{
	cpu_set_t all, one;
	unsigned n = actor__processors(), granted = actor__processors_quota("");

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
	assert_int_equal(n, granted && granted < (unsigned)CPU_COUNT(&all)
				    ? granted
				    : (unsigned)CPU_COUNT(&all));
	CPU_ZERO(&one);
	for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
		if (CPU_ISSET(i, &all))
			CPU_SET(i, &one);
	assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
	n = actor__processors();
	assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
	assert_int_equal(n, 1);
}

static void there_may_be_any_number(void **state)
{
	static const unsigned numbers[] = { 1, 1024, 1025, 5000, 1u << 20 };
	unsigned granted = actor__processors_quota("");

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(numbers); i++) {
		n_of_system = numbers[i];
		assert_int_equal(actor__processors(),
				 granted && granted < n_of_system ? granted : n_of_system);
	}
	n_of_system = 0;
}

/* Or it has more than anybody has heard of. */
static void where_it_is_not_known_those_count_that_are_there(void **state)
{
	unsigned granted = actor__processors_quota("");
	unsigned there = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	unsigned expected = granted && granted < there ? granted : there;

	(void)state;
	is_silent = true;
	assert_int_equal(actor__processors(), expected);
	is_silent = false;
	n_of_system = UINT_MAX;
	assert_int_equal(actor__processors(), expected);
	n_of_system = 0;
}

#define GROUPS_TEST(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GROUPS_TEST(without_files_there_is_no_limit),
		GROUPS_TEST(a_limit_is_rounded_up),
		GROUPS_TEST(the_lowest_limit_on_the_way_up_counts),
		GROUPS_TEST(the_group_may_be_the_root),
		GROUPS_TEST(what_makes_no_sense_is_no_limit),
		GROUPS_TEST(a_mount_may_be_anywhere),
		GROUPS_TEST(version_1_has_other_files),
		GROUPS_TEST(of_both_versions_the_lower_limit_counts),
		cmocka_unit_test(a_process_has_no_more_than_it_may_run_on),
		cmocka_unit_test(there_may_be_any_number),
		cmocka_unit_test(where_it_is_not_known_those_count_that_are_there),
	};

	return cmocka_run_group_tests_name("processors", tests, NULL, NULL);
}
