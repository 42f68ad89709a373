/* SPDX-License-Identifier: MIT */

/* Connections that live for one call, by hand: by OpenSSL, with what the library has it do, and one
 * after the other. */

#include "bare-loop.h"
#include "costs.h"
#include "remote.h"
#include "secure.h"
#include "services.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FRAME = BARE_HEAD + BARE_NUMBER };

static SSL_CTX *make_context(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_method());

	EXPECT(context && SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1);
	SSL_CTX_set_num_tickets(context, 0);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
	EXPECT(SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1);
	EXPECT(SSL_CTX_use_certificate_chain_file(context, secure_path("both.pem")) == 1);
	EXPECT(SSL_CTX_use_PrivateKey_file(context, secure_path("both.key"), SSL_FILETYPE_PEM) ==
	       1);
	EXPECT(SSL_CTX_load_verify_file(context, secure_path("authority.pem")) == 1);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return context;
}

static void read_whole(SSL *ssl, uint8_t *bytes, size_t n)
{
	size_t n_read;

	for (; n > 0; bytes += n_read, n -= n_read)
		EXPECT(SSL_read_ex(ssl, bytes, n, &n_read) == 1);
}

/* Say that nothing more comes, and hear it. */
static void end(SSL *ssl)
{
	uint8_t none[64];

	SSL_shutdown(ssl);
	while (SSL_read(ssl, none, sizeof none) > 0)
		;
	close(SSL_get_fd(ssl));
	SSL_free(ssl);
}

/* ---- who is called */

static void answer(SSL_CTX *context, int fd)
{
	uint8_t frame[FRAME];
	const uint64_t errors = UINT64_MAX;
	SSL *ssl = SSL_new(context);

	EXPECT(ssl && SSL_set_fd(ssl, fd) == 1 && SSL_accept(ssl) == 1);
	read_whole(ssl, frame, sizeof frame);
	memcpy(frame + 8, &errors, sizeof errors); /* an answer is to no service */
	EXPECT(SSL_write(ssl, frame, sizeof frame) == sizeof frame);
	end(ssl);
}

void bare_secure_serve(const struct settings *settings, const struct station *station)
{
	SSL_CTX *context = make_context();
	char address[MOST_ADDRESS];
	struct pollfd waits[2] = { { .events = POLLIN },
				   { .fd = station->stop, .events = POLLIN } };

	waits[0].fd = bare_listen(settings->transport, address);
	station_ready(station, address);
	while (poll(waits, 2, -1) > 0 && !waits[1].revents) {
		int fd = accept(waits[0].fd, NULL, NULL);

		EXPECT(fd >= 0 || errno == EAGAIN);
		if (fd >= 0)
			answer(context, fd);
	}
	close(waits[0].fd);
	SSL_CTX_free(context);
	if (strncmp(address, "unix:", 5) == 0)
		unlink(address + 5);
}

/* ---- who calls */

static void put_call(uint8_t frame[FRAME], uint64_t number)
{
	const uint64_t head[] = { FRAME, actor_service_id(BENCHMARK_NAMESPACE, "Echo"), 1 };

	memcpy(frame, head, sizeof head);
	bare_put_number(frame + BARE_HEAD, number);
}

static void visit(SSL_CTX *context, const char *address, uint64_t number)
{
	uint8_t asked[FRAME], answered[FRAME];
	SSL *ssl = SSL_new(context);

	EXPECT(ssl && SSL_set1_host(ssl, SECURE_NAME) == 1);
	EXPECT(SSL_set_fd(ssl, bare_connect(address)) == 1 && SSL_connect(ssl) == 1);
	put_call(asked, number);
	EXPECT(SSL_write(ssl, asked, FRAME) == FRAME);
	read_whole(ssl, answered, FRAME);
	EXPECT(memcmp(answered + BARE_HEAD, asked + BARE_HEAD, BARE_NUMBER) == 0);
	end(ssl);
}

/* The first one is before the measure is taken. */
void bare_handshakes(const struct settings *settings, const char *address, struct costs *costs)
{
	SSL_CTX *context = make_context();

	visit(context, address, FIRST_NUMBER);
	costs_begin(costs);
	for (uint64_t i = 1; i <= settings->n; i++)
		visit(context, address, FIRST_NUMBER + i);
	costs_end(costs);
	SSL_CTX_free(context);
}
