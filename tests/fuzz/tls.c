/* SPDX-License-Identifier: MIT */

/*
 * One end of a connection with TLS, over a line of which the input decides what arrives, in which
 * pieces, and how much is taken. At the other side is a stranger, which is OpenSSL by itself, and
 * whoever changes, drops or adds what it says. Whatever they do: what is read is what the stranger
 * has written, in order, and nothing if he is not trusted; the end is told in order only if he has
 * said so; each event is one that there may be; nothing is left of it; and, if nobody has meddled,
 * all arrives, both ways.
 *
 *	0	01: ours is the server; 06: what the stranger is: see enum kind; 08: ours has to
 *		change keys with every third record; 10: it speaks TLS 1.2
 *	1	instructions: see do_next()
 */

#define OPENSSL_SUPPRESS_DEPRECATED /* RAND_set_rand_method() */

#include "fuzz.h"

#include "../../actor-remote/src/tls.h"
#include "line.h"

#include <actor-impl/actor-impl.h>
#include <actor-remote/actor-remote.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <remote/certificates.h>
#include <remote/memory.h>

#define SECOND INT64_C(1000000000)

enum kind { TRUSTED, TRUSTED_TOO, NOT_TRUSTED, NOBODY };

enum {
	MOST_QUEUE = 1 << 17,
	MOST_WRITTEN = 1 << 20, /* by each, in one input */
	MOST_NEW = 1 << 10,	/* keys and tickets */
	MOST_FED = 1 << 13,	/* in pieces; then, all that there is at a time */
	/* What tls.h says of memory, and what the line below may bring at a time. */
	MOST_OURS = 300 * 1024 + MOST_QUEUE,
};

struct queue {
	uint8_t bytes[MOST_QUEUE];
	size_t n;
};

/* Made once. */
static struct actor_tls *ours;
static SSL_CTX *contexts[2]; /* of strangers: by what is trusted, and by what is not */

static struct {
	struct actor_executor *executor;
	struct line line;
	struct actor_transport *transport; /* NULL: destroyed */
	bool inside;			   /* one of its operations */
	bool is_server, is_old;
	enum kind kind;
	long n_ours; /* bytes of memory */
	/* Its owner. */
	bool opened, reading, pending, shut, finished, lost;
	bool goes; /* in the next event */
	size_t n_read, n_written;
	uint8_t writing[65536];
	/* The stranger. */
	SSL *ssl;
	BIO *in, *out;
	struct queue from_us;  /* what has not been given to it */
	struct queue to_us;    /* what has not arrived */
	unsigned n_fed, n_new; /* see MOST_FED, MOST_NEW */
	int64_t n_waited_ns;
	bool meddled; /* not all that was said arrives, or as it was said */
	bool said_closed;
	size_t n_said, n_heard;
} all;

/* What both write, so that what is missing or comes twice is noticed. */
static uint8_t nth_byte(size_t n)
{
	return (uint8_t)(n * 2654435761u >> 11);
}

static void put_nth(uint8_t *bytes, size_t first, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bytes[i] = nth_byte(first + i);
}

static size_t look_at_nth(const uint8_t *bytes, size_t first, size_t n)
{
	for (size_t i = 0; i < n; i++)
		MUST(bytes[i] == nth_byte(first + i));
	return n;
}

/* ---- chance, which is always the same */

static uint64_t chance;

static int random_bytes(unsigned char *bytes, int n)
{
	for (int i = 0; i < n; i++) {
		chance = chance * UINT64_C(6364136223846793005) + 1442695040888963407u;
		bytes[i] = (unsigned char)(chance >> 56);
	}
	return 1;
}

static int random_is_there(void)
{
	return 1;
}

static const RAND_METHOD random_method = {
	.bytes = random_bytes,
	.pseudorand = random_bytes,
	.status = random_is_there,
};

/* ---- memory of ours: all that there is more of after something of ours has run */

static size_t begin_ours(void)
{
	MUST(ERR_peek_error() == 0);
	return memory_n_live_bytes();
}

static void end_ours(size_t before)
{
	MUST(ERR_peek_error() == 0); /* nothing is left there for others */
	all.n_ours += fuzz_grown(before, memory_n_live_bytes());
	MUST(all.n_ours <= MOST_OURS);
}

/* ---- the owner of ours */

static void destroy(void)
{
	actor_transport_destroy(all.transport);
	all.transport = NULL;
}

static void look_at_event(void)
{
	MUST(all.transport && !all.inside && !all.lost);
}

static void end_event(void)
{
	if (all.goes)
		destroy();
}

static void on_opened(void *user)
{
	(void)user;
	look_at_event();
	MUST(!all.opened && !all.finished && all.kind <= TRUSTED_TOO && !all.is_old);
	MUST(actor_transport_certificate(all.transport));
	all.opened = true;
	end_event();
}

static void on_read(void *user, const uint8_t *bytes, size_t n)
{
	(void)user;
	look_at_event();
	MUST(n > 0 && all.opened && all.reading && !all.finished);
	MUST(all.n_read + n <= all.n_said);
	all.n_read += look_at_nth(bytes, all.n_read, n);
	if (nth_byte(all.n_read) % 16 == 0) {
		all.reading = false;
		actor_transport_read(all.transport, false);
	}
	end_event();
}

static void on_written(void *user)
{
	(void)user;
	look_at_event();
	MUST(all.pending && !all.line.pending);
	all.pending = false;
	end_event();
}

static void on_ended(void *user, int status, int system_errno)
{
	(void)user, (void)system_errno;
	look_at_event();
	if (status == 0) {
		MUST(all.opened && !all.finished && all.reading && all.said_closed);
		all.finished = true;
	} else {
		MUST(status == ACTOR_E_SYSTEM || status == ACTOR_E_UNTRUSTED ||
		     status == ACTOR_E_HANDSHAKE || status == ACTOR_E_PROTOCOL);
		MUST(status == ACTOR_E_SYSTEM || *actor_transport_why(all.transport));
		all.lost = true;
		all.pending = false;
	}
	end_event();
}

static const struct actor_transport_events events = {
	.size = sizeof events,
	.read = on_read,
	.written = on_written,
	.ended = on_ended,
	.opened = on_opened,
};

static void write_some(size_t n)
{
	int rc;

	if (!all.transport || all.pending || all.shut || all.lost || n == 0 ||
	    all.n_written + n > MOST_WRITTEN)
		return;
	put_nth(all.writing, all.n_written, n);
	rc = actor_transport_write(all.transport, all.writing, n);
	MUST(rc == 0 || rc == ACTOR_PENDING || rc == ACTOR_E_SYSTEM);
	all.pending = rc == ACTOR_PENDING;
	all.n_written += n; /* or some of them, if it is lost */
	all.meddled |= rc < 0;
}

static void set_reading(bool on)
{
	if (!all.transport)
		return;
	all.reading = on;
	actor_transport_read(all.transport, on);
}

static void shut(void)
{
	if (!all.transport || all.shut || all.lost)
		return;
	all.shut = true;
	actor_transport_shutdown(all.transport);
}

/* ---- the stranger */

static void put(struct queue *queue, const void *bytes, size_t n)
{
	if (n > MOST_QUEUE - queue->n) {
		all.meddled = true;
		n = MOST_QUEUE - queue->n;
	}
	if (n > 0)
		memcpy(queue->bytes + queue->n, bytes, n);
	queue->n += n;
}

static void drop(struct queue *queue, size_t n)
{
	memmove(queue->bytes, queue->bytes + n, queue->n - n);
	queue->n -= n;
}

static void on_line_write(void *user, const uint8_t *bytes, size_t n)
{
	(void)user;
	put(&all.from_us, bytes, n);
}

static void stranger_sends(void)
{
	uint8_t bytes[4096];
	int n;

	while ((n = BIO_read(all.out, bytes, sizeof bytes)) > 0)
		put(&all.to_us, bytes, (size_t)n);
	ERR_clear_error();
}

static void stranger_goes_on(void)
{
	uint8_t bytes[4096];
	size_t n;

	if (all.from_us.n > 0)
		BIO_write(all.in, all.from_us.bytes, (int)all.from_us.n);
	all.from_us.n = 0;
	while (SSL_read_ex(all.ssl, bytes, sizeof bytes, &n) == 1) {
		MUST(all.n_heard + n <= all.n_written);
		all.n_heard += look_at_nth(bytes, all.n_heard, n);
	}
	stranger_sends();
}

static void stranger_writes(size_t n)
{
	static uint8_t bytes[40000];
	size_t n_taken = 0;

	if (!SSL_is_init_finished(all.ssl) || all.said_closed || all.n_said + n > MOST_WRITTEN)
		return;
	put_nth(bytes, all.n_said, n);
	if (SSL_write_ex(all.ssl, bytes, n, &n_taken) == 1)
		all.n_said += n_taken;
	stranger_sends();
}

static bool may_say_new(void)
{
	return SSL_is_init_finished(all.ssl) && all.n_new++ < MOST_NEW;
}

static void stranger_changes_keys(unsigned n, bool both)
{
	while (n-- > 0 && may_say_new()) {
		if (SSL_key_update(all.ssl,
				   both ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED))
			SSL_do_handshake(all.ssl);
		stranger_sends();
	}
}

static void stranger_gives_tickets(unsigned n)
{
	while (n-- > 0 && SSL_is_server(all.ssl) && may_say_new()) {
		if (SSL_new_session_ticket(all.ssl))
			SSL_do_handshake(all.ssl);
		stranger_sends();
	}
}

static void stranger_closes(void)
{
	if (SSL_is_init_finished(all.ssl) && SSL_shutdown(all.ssl) >= 0)
		all.said_closed = true;
	stranger_sends();
}

/* ---- who is in between */

/* What has not arrived, but for the first of it; how many of these bytes were taken. */
static size_t feed(size_t first, size_t n)
{
	uint8_t *copy;
	bool is_taken;

	if (n > all.to_us.n - first || all.n_fed > MOST_FED)
		n = all.to_us.n - first;
	if (n == 0)
		return 0;
	copy = fuzz_copy(all.to_us.bytes + first, n);
	is_taken = line_feed(&all.line, copy, n);
	free(copy);
	all.n_fed++;
	return is_taken ? n : 0;
}

static void deliver(size_t n)
{
	if (n > 0)
		drop(&all.to_us, feed(0, n));
}

/* Dropped together: with each, all that is behind it would be moved. */
static void deliver_in_pieces(size_t piece)
{
	size_t n_all = 0, n;

	while ((n = feed(n_all, piece)) > 0)
		n_all += n;
	drop(&all.to_us, n_all);
}

static void meddle(struct input *input)
{
	uint8_t how = input_byte(input);
	size_t at = (size_t)input_number(input, 2);
	const uint8_t *bytes;
	size_t n;

	all.meddled = true;
	if (how % 4 == 0) {
		n = input_bytes(input, at % 64, &bytes);
		put(&all.to_us, bytes, n);
	} else if (all.to_us.n > 0) {
		at %= all.to_us.n;
		if (how % 4 == 1)
			all.to_us.bytes[at] ^= (uint8_t)(1 << how / 4 % 8);
		else if (how % 4 == 2)
			drop(&all.to_us, at + 1);
		else
			put(&all.to_us, all.to_us.bytes + at, all.to_us.n - at);
	}
}

/* ---- what happens */

static void pass(int64_t duration_ns)
{
	struct actor_context *context = actor_thread_context();

	MUST(actor_sleep_until(context, actor_deadline_after(context, duration_ns)) == 0);
}

/* Who is waited for to shake hands has so much time. */
static void wait(int64_t duration_ns)
{
	all.n_waited_ns += duration_ns;
	all.meddled |= all.n_waited_ns > 9 * SECOND;
	pass(duration_ns);
}

static void talk(unsigned n)
{
	size_t before;

	while (n-- > 0) {
		stranger_goes_on();
		before = begin_ours();
		deliver_in_pieces(MOST_QUEUE);
		line_take(&all.line, SIZE_MAX);
		pass(1);
		end_ours(before);
	}
}

/* What is done by the stranger, and on the way. Whether it was one of these. */
static bool do_there(struct input *input, uint8_t what)
{
	size_t n;

	switch (what) {
	case 0:
		stranger_goes_on();
		return true;
	case 1:
		stranger_writes((size_t)input_number(input, 2) % 40000);
		return true;
	case 2:
		n = input_byte(input);
		stranger_changes_keys((unsigned)n / 2, n % 2);
		return true;
	case 3:
		stranger_gives_tickets(input_byte(input) % 16);
		return true;
	case 4:
		stranger_closes();
		return true;
	case 5:
		meddle(input);
		return true;
	case 6:
		talk(1 + input_byte(input) % 4);
		return true;
	}
	return false;
}

static void do_on_line(struct input *input, uint8_t what)
{
	switch (what) {
	case 7:
		deliver((size_t)input_number(input, 2));
		break;
	case 8:
		deliver_in_pieces(1 + input_byte(input));
		break;
	case 9:
		line_take(&all.line, (size_t)input_number(input, 2));
		break;
	case 10:
		all.meddled = true;
		line_end(&all.line, input_byte(input) % 2 ? ACTOR_E_SYSTEM : 0);
		break;
	case 11:
		all.meddled = all.line.breaks = true;
		break;
	case 12:
		wait(input_byte(input) * (SECOND / 16));
		break;
	}
}

static void do_here(struct input *input, uint8_t what)
{
	all.inside = true;
	switch (what) {
	case 13:
		write_some((size_t)input_number(input, 2) % sizeof all.writing);
		break;
	case 14:
		set_reading(input_byte(input) % 2);
		break;
	case 15:
		shut();
		break;
	case 16:
		destroy();
		break;
	case 17:
		all.goes = true;
		break;
	}
	all.inside = false;
}

static void do_next(struct input *input)
{
	uint8_t what = input_byte(input) % 18;
	size_t before;

	if (do_there(input, what))
		return;
	before = begin_ours();
	do_on_line(input, what);
	do_here(input, what);
	end_ours(before);
}

/* ---- beginning and end */

static SSL_CTX *make_context(const char *name)
{
	SSL_CTX *context = SSL_CTX_new(TLS_method());
	char file[2][32];

	snprintf(file[0], sizeof file[0], "%s.pem", name);
	snprintf(file[1], sizeof file[1], "%s.key", name);
	MUST(SSL_CTX_use_certificate_file(context, certificates_path(file[0]), SSL_FILETYPE_PEM) ==
	     1);
	MUST(SSL_CTX_use_PrivateKey_file(context, certificates_path(file[1]), SSL_FILETYPE_PEM) ==
	     1);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	return context;
}

static void make_certificate(const char *name, const char *by)
{
	certificate_make(name, &(struct certificate_wish){ .common_name = name,
							   .names = "DNS:there",
							   .by = by,
							   .authority = !by,
							   .until_s = 1000000 });
}

static void make_all(void)
{
	MUST(RAND_set_rand_method(&random_method) == 1);
	certificates_open();
	make_certificate("ca", NULL);
	make_certificate("other", NULL);
	make_certificate("good", "ca");
	make_certificate("bad", "other");
	contexts[0] = make_context("good");
	contexts[1] = make_context("bad");
	ours = certificate_load("good", "ca", NULL);
	certificates_close();
}

static void open_stranger(void)
{
	all.ssl = SSL_new(contexts[all.kind == NOT_TRUSTED]);
	all.in = BIO_new(BIO_s_mem());
	all.out = BIO_new(BIO_s_mem());
	SSL_set_bio(all.ssl, all.in, all.out);
	if (all.is_old)
		SSL_set_max_proto_version(all.ssl, TLS1_2_VERSION);
	if (all.is_server)
		SSL_set_connect_state(all.ssl);
	else
		SSL_set_accept_state(all.ssl);
	if (all.kind == NOBODY)
		SSL_certs_clear(all.ssl);
}

static void open_ours(void)
{
	size_t before = begin_ours();
	int rc;

	MUST(actor_simulation_create(
		     &(struct actor_simulation_options){
			     .size = sizeof(struct actor_simulation_options), .seed = 1 },
		     &all.executor) == 0);
	line_init(&all.line, all.executor);
	all.line.on_write = on_line_write;
	rc = all.is_server ? actor_tls_server(ours, &all.line.transport, &all.transport)
			   : actor_tls_client(ours, &all.line.transport, "there", &all.transport);
	MUST(rc == 0);
	all.reading = true;
	MUST(actor_transport_start(all.transport, &events, NULL) == ACTOR_PENDING);
	pass(1);
	end_ours(before);
}

/* All arrives, if nobody has done anything against it. */
static void expect_all(bool was_shut)
{
	for (unsigned i = 0; i < 300; i++) {
		if (!all.reading)
			set_reading(true);
		talk(1);
	}
	if (all.meddled)
		return;
	MUST(!all.lost);
	MUST(all.n_read == all.n_said && all.n_heard == all.n_written);
	MUST(all.finished == all.said_closed && !all.pending);
	MUST(!was_shut || SSL_get_shutdown(all.ssl) & SSL_RECEIVED_SHUTDOWN);
}

static void finish(void)
{
	pass(1);
	if (!all.transport)
		return;
	MUST(!all.line.ended || all.finished || all.lost); /* a cut is no end in order */
	if (!all.meddled && !all.is_old && !all.goes && all.kind <= TRUSTED_TOO)
		expect_all(all.shut);
	if (all.transport && all.kind > TRUSTED_TOO)
		MUST(!actor_transport_certificate(all.transport));
}

static void close_all(void)
{
	destroy();
	pass(2 * SECOND);
	MUST(all.line.destroyed);
	MUST(actor_executor_join(all.executor, ACTOR_FOREVER) == 0);
	MUST(actor_executor_destroy(all.executor) == 0);
	SSL_free(all.ssl);
	ERR_clear_error();
}

static void run(struct input *input)
{
	uint8_t how = input_byte(input);

	memset(&all, 0, sizeof all);
	chance = 1;
	all.is_server = how & 1;
	all.kind = how >> 1 & 3;
	all.is_old = how & 0x10;
	actor__tls_records_per_key = how & 8 ? 3 : 1 << 22;
	open_stranger();
	open_ours();
	while (input->n > 0)
		do_next(input);
	finish();
	close_all();
}

/* What OpenSSL makes when it needs it first, and keeps. */
static void warm_up(void)
{
	static const uint8_t talk_and_close[] = { 6, 3, 1, 100, 0, 13, 100, 0,	2, 3,
						  6, 3, 3, 1,	6, 3,  4,   15, 6, 3 };
	uint8_t bytes[sizeof talk_and_close + 1];

	memcpy(bytes + 1, talk_and_close, sizeof talk_and_close);
	for (unsigned how = 0; how < 32; how++) {
		bytes[0] = (uint8_t)how;
		run(&(struct input){ bytes, sizeof bytes });
	}
}

static void *crypto_malloc(size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return malloc(n);
}

static void *crypto_realloc(void *memory, size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return realloc(memory, n);
}

static void crypto_free(void *memory, const char *file, int line)
{
	(void)file, (void)line;
	free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input input = { data, n };
	long n_live;

	if (!ours) {
		MUST(CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free));
		make_all();
		warm_up();
	}
	n_live = memory_n_live();
	run(&input);
	MUST(memory_n_live() == n_live);
	return 0;
}
