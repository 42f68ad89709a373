/* SPDX-License-Identifier: MIT */
/*
 * Pieces of files, and reading them without cutting a word. Whatever the pieces and the size of
 * the buffer, the words of all pieces together must be the words of the file.
 *
 * The linker replaces the read operations (--wrap), so that they can give less than was asked for,
 * be interrupted, and fail.
 */
#define _GNU_SOURCE /* memfd_create() */

#include "test.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- read operations that misbehave ---- */

static size_t n_at_once = SIZE_MAX; /* bytes that one of them gives */
static int interrupted;		    /* after each, so many are interrupted before the next */
static long n_reads = -1;	    /* that succeed; then one fails with EIO; -1: all */
static size_t n_bytes_read;	    /* by all of them */

ssize_t __real_read(int fd, void *to, size_t n_to);
ssize_t __real_pread(int fd, void *to, size_t n_to, off_t at);
ssize_t __real_pread64(int fd, void *to, size_t n_to, off64_t at);
ssize_t __wrap_read(int fd, void *to, size_t n_to);
ssize_t __wrap_pread(int fd, void *to, size_t n_to, off_t at);
ssize_t __wrap_pread64(int fd, void *to, size_t n_to, off64_t at);

static bool may_read(size_t *n_to)
{
	static int n_interrupted;

	if (n_interrupted < interrupted) {
		n_interrupted++;
		errno = EINTR;
		return false;
	}
	n_interrupted = 0;
	if (n_reads == 0) {
		n_reads = -1;
		errno = EIO;
		return false;
	}
	if (n_reads > 0)
		n_reads--;
	if (*n_to > n_at_once)
		*n_to = n_at_once;
	return true;
}

static ssize_t count_bytes(ssize_t n)
{
	if (n > 0)
		n_bytes_read += (size_t)n;
	return n;
}

ssize_t __wrap_read(int fd, void *to, size_t n_to)
{
	return may_read(&n_to) ? count_bytes(__real_read(fd, to, n_to)) : -1;
}

ssize_t __wrap_pread(int fd, void *to, size_t n_to, off_t at)
{
	return may_read(&n_to) ? count_bytes(__real_pread(fd, to, n_to, at)) : -1;
}

ssize_t __wrap_pread64(int fd, void *to, size_t n_to, off64_t at)
{
	return may_read(&n_to) ? count_bytes(__real_pread64(fd, to, n_to, at)) : -1;
}

/* ---- the words of texts ---- */

/* Words behind each other, each with a space behind it. */
struct found {
	char bytes[65536];
	size_t n;
};

static void note_words(struct found *found, char *bytes, size_t n)
{
	struct words words;
	struct word word;

	words_init(&words, bytes, n);
	while (words_take(&words, &word, 1) == 1) {
		assert_in_range(found->n + word.length + 1, 0, sizeof found->bytes);
		memcpy(found->bytes + found->n, word.text, word.length);
		found->n += word.length;
		found->bytes[found->n++] = ' ';
	}
}

/* Read a piece to its end: the status that the last text_next() returned. */
static int note_piece(struct found *found, struct text *text, const struct piece *piece)
{
	char *bytes;
	size_t n;
	int rc;

	text_begin(text, piece);
	while ((rc = text_next(text, piece, &bytes, &n)) > 0) {
		assert_in_range(n, 1, text->n_held);
		note_words(found, bytes, n);
	}
	return rc;
}

static int file_with(const char *content, size_t n)
{
	int fd = memfd_create("wordcount", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, n), n);
	return fd;
}

static void note_content(struct found *found, const char *content, size_t n)
{
	char *copy = malloc(n + WORDS_PADDING);

	assert_non_null(copy);
	memcpy(copy, content, n);
	found->n = 0;
	note_words(found, copy, n);
	free(copy);
}

static void assert_same(const struct found *one, const struct found *other)
{
	assert_int_equal(one->n, other->n);
	assert_memory_equal(one->bytes, other->bytes, one->n);
}

/* Read a file in pieces that end at the given places, and at its end. */
static void compare_pieces(const char *content, size_t n, const size_t *borders, size_t n_borders,
			   size_t n_first)
{
	static struct found expected, found;
	struct piece piece = { .fd = file_with(content, n) };
	struct text text;

	note_content(&expected, content, n);
	found.n = 0;
	assert_true(text_init(&text, n_first));
	for (size_t i = 0; i <= n_borders; i++) {
		piece.end = i < n_borders ? (int64_t)borders[i] : PIECE_TO_EOF;
		assert_int_equal(note_piece(&found, &text, &piece), 0);
		piece.begin = piece.end;
	}
	assert_same(&found, &expected);
	text_deinit(&text);
	close(piece.fd);
}

/* ---- tests ---- */

static const char *const contents[] = {
	"",
	"a",
	"-",
	"word",
	"a b c d e f",
	" one two  three ",
	"wordswithoutabreak andanotherone x",
	"x\n\nAbcDefghijklmnop-qrs t",
};

static void every_border_and_every_buffer(void **state)
{
	size_t borders[2];

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(contents); i++) {
		size_t n = strlen(contents[i]);

		for (size_t n_first = 1; n_first <= n + 2; n_first += 1 + n_first / 8)
			for (borders[0] = 1; borders[0] <= n + 1; borders[0]++)
				for (borders[1] = borders[0] + 1; borders[1] <= n + 2; borders[1]++)
					compare_pieces(contents[i], n, borders, 2, n_first);
	}
}

static void reads_that_give_little(void **state)
{
	size_t border = 5;

	(void)state;
	interrupted = 2;
	for (n_at_once = 1; n_at_once < 4; n_at_once++)
		for (size_t i = 0; i < N_ELEMENTS(contents); i++)
			for (border = 1; border < 12; border++)
				compare_pieces(contents[i], strlen(contents[i]), &border, 1, 7);
	n_at_once = SIZE_MAX;
	interrupted = 0;
}

/* A word that is longer than pieces, buffers and what is read in search of its end. */
static void a_word_across_many_pieces(void **state)
{
	enum { N_CONTENT = 30000, N_PIECE = 5000 };
	size_t borders[N_CONTENT / N_PIECE - 1];
	char content[N_CONTENT];

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(borders); i++)
		borders[i] = (i + 1) * N_PIECE;
	/* It is read by the reader of the first piece, and passed over by all others. */
	memset(content, 'w', sizeof content);
	n_bytes_read = 0;
	compare_pieces(content, sizeof content, borders, N_ELEMENTS(borders), 1000);
	assert_in_range(n_bytes_read, N_CONTENT, 3 * N_CONTENT);
	for (size_t begin = 4990; begin < 5010; begin++)
		for (size_t end = 24990; end < 25010; end += 3) {
			content[begin] = content[end] = '.';
			compare_pieces(content, sizeof content, borders, N_ELEMENTS(borders), 1000);
			content[begin] = content[end] = 'w';
		}
}

static void a_long_word_costs_less_than_four_times_its_length(void **state)
{
	enum { N_FIRST = 1000, N_CONTENT = 100000 };
	char *content = malloc(N_CONTENT), *bytes;
	struct piece piece = { .end = PIECE_TO_EOF };
	struct text text;
	size_t n;

	(void)state;
	assert_non_null(content);
	for (size_t length = 1; length < 30000; length = 2 * length + 7) {
		memset(content, ' ', N_CONTENT);
		memset(content + 900, 'w', length);
		piece.fd = file_with(content, N_CONTENT);
		assert_true(text_init(&text, N_FIRST));
		text_begin(&text, &piece);
		while (text_next(&text, &piece, &bytes, &n) == 1)
			assert_in_range(text.n_room, N_FIRST,
					4 * length < N_FIRST ? N_FIRST : 4 * length);
		assert_int_equal(text.n_room, N_FIRST);
		text_deinit(&text);
		close(piece.fd);
	}
	free(content);
}

static void a_stream_is_read_on(void **state)
{
	static const char content[] = "some words, readfrom a pipe in small parts";
	static struct found expected, found;
	struct piece piece = { .is_stream = true, .end = PIECE_TO_EOF };
	struct text text;
	int ends[2];

	(void)state;
	note_content(&expected, content, sizeof content - 1);
	for (n_at_once = 1; n_at_once < 9; n_at_once++) {
		assert_int_equal(pipe(ends), 0);
		assert_int_equal(write(ends[1], content, sizeof content - 1), sizeof content - 1);
		close(ends[1]);
		piece.fd = ends[0];
		found.n = 0;
		assert_true(text_init(&text, 16));
		assert_int_equal(note_piece(&found, &text, &piece), 0);
		assert_same(&found, &expected);
		text_deinit(&text);
		close(ends[0]);
	}
	n_at_once = SIZE_MAX;
}

static void what_was_read_before_an_error_counts(void **state)
{
	static const char content[] = "one two three four five";
	static struct found expected, found;
	struct piece piece = { .fd = file_with(content, sizeof content - 1), .end = PIECE_TO_EOF };
	struct text text;

	(void)state;
	n_at_once = 3;
	for (long n = 0; n < 6; n++) {
		note_content(&expected, content, (size_t)n * 3);
		found.n = 0;
		assert_true(text_init(&text, 64));
		n_reads = n;
		assert_int_equal(note_piece(&found, &text, &piece), -EIO);
		assert_int_equal(n_reads, -1);
		assert_same(&found, &expected);
		text_deinit(&text);
	}
	n_at_once = SIZE_MAX;
	close(piece.fd);
}

static void an_error_at_the_border_is_one(void **state)
{
	struct piece piece = { .fd = file_with("onetwo", 6), .begin = 3, .end = 5 };
	static struct found found;
	struct text text;

	(void)state;
	found.n = 0;
	assert_true(text_init(&text, 8));
	n_reads = 0;
	assert_int_equal(note_piece(&found, &text, &piece), -EIO);
	/* The next piece is not affected. */
	piece.begin = 0;
	assert_int_equal(note_piece(&found, &text, &piece), 0);
	assert_int_equal(found.n, 7);
	text_deinit(&text);
	close(piece.fd);
}

static void out_of_memory_is_an_error(void **state)
{
	struct piece piece = { .fd = file_with("wordswithoutabreak", 18), .end = PIECE_TO_EOF };
	static struct found found;
	struct text text;

	(void)state;
	test_starve_after(0);
	assert_false(text_init(&text, 4));
	test_starve_after(2);
	assert_true(text_init(&text, 4));
	assert_int_equal(note_piece(&found, &text, &piece), -ENOMEM);
	test_starve_after(-1);
	text_deinit(&text);
	text_deinit(&text);
	close(piece.fd);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void pieces_own_a_descriptor_each(void **state)
{
	struct piece rest = { .path = strdup("file"),
			      .fd = file_with("0123456789", 10),
			      .end = PIECE_TO_EOF };
	struct piece first, second, third;
	int fds[3];

	(void)state;
	first = piece_cut(&rest, 10, 4);
	assert_int_equal(first.begin, 0);
	assert_int_equal(first.end, 4);
	assert_string_equal(first.path, "file");
	second = piece_cut(&rest, 6, 4);
	assert_int_equal(second.begin, 4);
	assert_int_equal(second.end, 8);
	third = piece_cut(&rest, 2, 4);
	assert_int_equal(third.begin, 8);
	assert_true(third.end == PIECE_TO_EOF);
	assert_null(rest.path);
	fds[0] = first.fd, fds[1] = second.fd, fds[2] = third.fd;
	piece_drop(&second);
	assert_true(is_open(fds[0]) && !is_open(fds[1]) && is_open(fds[2]));
	piece_drop(&third);
	piece_drop(&first);
	piece_drop(&first);
	piece_drop(&rest);
	assert_true(!is_open(fds[0]) && !is_open(fds[2]));
}

static void a_stream_is_never_cut(void **state)
{
	struct piece rest = { .path = strdup("pipe"),
			      .fd = file_with("", 0),
			      .is_stream = true,
			      .end = PIECE_TO_EOF };
	struct piece all = piece_cut(&rest, 100, 1);

	(void)state;
	assert_true(all.begin == 0 && all.end == PIECE_TO_EOF);
	assert_null(rest.path);
	piece_drop(&all);
}

/* Without a second descriptor to be had, the whole file is one piece. */
static void what_cannot_be_cut_stays_whole(void **state)
{
	struct piece rest = { .path = strdup("file"),
			      .fd = file_with("abcdef", 6),
			      .end = PIECE_TO_EOF };
	struct piece copy = { .fd = rest.fd, .end = PIECE_TO_EOF };

	(void)state;
	close(rest.fd);
	copy = piece_cut(&rest, 6, 2);
	assert_string_equal(copy.path, "file");
	assert_true(copy.begin == 0 && copy.end == PIECE_TO_EOF);
	assert_null(rest.path);
	piece_drop(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_border_and_every_buffer),
		cmocka_unit_test(reads_that_give_little),
		cmocka_unit_test(a_word_across_many_pieces),
		cmocka_unit_test(a_long_word_costs_less_than_four_times_its_length),
		cmocka_unit_test(a_stream_is_read_on),
		cmocka_unit_test(what_was_read_before_an_error_counts),
		cmocka_unit_test(an_error_at_the_border_is_one),
		cmocka_unit_test(out_of_memory_is_an_error),
		cmocka_unit_test(pieces_own_a_descriptor_each),
		cmocka_unit_test(a_stream_is_never_cut),
		cmocka_unit_test(what_cannot_be_cut_stays_whole),
	};

	return cmocka_run_group_tests_name("wordcount/text", tests, NULL, NULL);
}
