/* SPDX-License-Identifier: MIT */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *program_name;
void (*program_on_hangup)(void);

/* What a text says beside what it is about. */
static const char *text_beside(const char *text, const char *what)
{
	size_t n = strlen(what);

	if (strncmp(text, what, n) != 0)
		return text;
	if (text[n] == '\0')
		return "";
	return strncmp(text + n, ": ", 2) == 0 ? text + n + 2 : text;
}

int program_failed(const char *what, int status, const struct actor_error *detail)
{
	bool fits = detail && detail->code == status;
	const char *text = fits ? text_beside(detail->text, what) : "";
	const char *reason = fits && detail->system_errno ? strerror(detail->system_errno) : "";

	fprintf(stderr, "%s: %s: %s: %s", program_name, what, actor_error_name(status),
		actor_strerror(status));
	if (*reason && !strstr(text, reason) && !strstr(what, reason))
		fprintf(stderr, ": %s", reason);
	if (*text)
		fprintf(stderr, ": %s", text);
	fputc('\n', stderr);
	return PROGRAM_FAILED;
}

int program_misused(const char *what)
{
	if (what)
		fprintf(stderr, "%s: %s\n", program_name, what);
	fprintf(stderr, "Try '%s --help'.\n", program_name);
	return PROGRAM_USAGE;
}

bool program_number(const char *what, const char *text, long long least, long long most,
		    long long *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtoll(text, &end, 10);
	if (end != text && *end == '\0' && errno == 0 && *ret_number >= least &&
	    *ret_number <= most)
		return true;
	fprintf(stderr, "%s: %s: '%s' is not a number from %lld to %lld\n", program_name, what,
		text, least, most);
	return false;
}

static int flush(void)
{
	static bool is_told;

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return PROGRAM_OK;
	if (!is_told)
		fprintf(stderr, "%s: stdout: %s\n", program_name, strerror(errno ? errno : EIO));
	is_told = true;
	return PROGRAM_FAILED;
}

/* Who could not print what was asked for has failed, however well all went before. */
static void end(void)
{
	if (flush() != PROGRAM_OK)
		_exit(PROGRAM_FAILED);
}

void program_begin(const char *name)
{
	int file;

	program_name = name;
	do {
		file = open("/dev/null", O_RDONLY);
	} while (file >= 0 && file <= STDERR_FILENO);
	if (file >= 0)
		close(file);
	atexit(end);
}

int program_help(const char *text)
{
	fputs(text, stdout);
	return flush();
}

void program_announce(const char *what, const char *address)
{
	printf("%s %s\n", what, address);
	flush();
}

static sigset_t signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (program_on_hangup)
		sigaddset(&set, SIGHUP);
	return set;
}

void program_signals_block(void)
{
	sigset_t set = signals();

	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

void program_signals_wait(void)
{
	sigset_t set = signals();
	int signal;

	do {
		signal = 0;
		if (sigwait(&set, &signal) == 0 && signal == SIGHUP)
			program_on_hangup();
	} while (signal != SIGINT && signal != SIGTERM);
}

void program_signals_raise(void)
{
	kill(getpid(), SIGTERM);
}
