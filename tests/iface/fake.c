/* SPDX-License-Identifier: MIT */

/*
 * An implementation for tests of what the interface does by itself: all its operations write down
 * that they were called, and return what the test has laid ready. Nothing here waits or runs
 * actors, and no rule of the contract is relied on, so that a test sees exactly which operations
 * an inline function calls, in which order.
 */

#include "fake.h"

#include <assert.h>
#include <inttypes.h>

ACTOR__PRINTF(2, 3)
static void trace(struct fake *fake, const char *format, ...)
{
	size_t used = strlen(fake->trace);
	size_t left = sizeof fake->trace - used;
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(fake->trace + used, left, format, arguments);
	va_end(arguments);
	assert(n >= 0 && (size_t)n < left);
	(void)n;
}

const char *fake_trace(struct fake *fake)
{
	static char last[sizeof fake->trace];

	memcpy(last, fake->trace, sizeof last);
	fake->trace[0] = '\0';
	return last[0] ? last + 1 : last;
}

static int next(struct fake_script *script)
{
	assert(script->n_calls < FAKE_MOST);
	return script->returns[script->n_calls++];
}

/* A deadline as a test writes it. */
static const char *deadline_text(int64_t deadline_ns)
{
	static char text[32];

	if (deadline_ns == ACTOR_FOREVER)
		return "forever";
	if (deadline_ns == ACTOR_AT_ONCE)
		return "at-once";
	snprintf(text, sizeof text, "%" PRId64, deadline_ns);
	return text;
}

/* Replies. */

static struct fake_reply *to_reply(struct actor_reply *reply)
{
	return ACTOR_CONTAINER_OF(reply, struct fake_reply, base);
}

static int number_of(struct actor_reply *reply)
{
	return reply ? (int)(to_reply(reply) - to_reply(reply)->fake->replies) : -1;
}

static int reply_deliver(struct actor_reply *reply, int status, void *value)
{
	struct fake_reply *this = to_reply(reply);

	trace(this->fake, " deliver(%d %d%s)", number_of(reply), status,
	      this->delivered ? " AGAIN" : "");
	assert(this->type->message_size <= sizeof this->value);
	if (this->closed) {
		if (value)
			actor_message_drop(this->type, value);
		return ACTOR_E_ABANDONED;
	}
	this->delivered = true;
	this->status = status;
	if (value)
		memcpy(this->value, value, this->type->message_size);
	return 0;
}

static const struct actor_reply_ops fake_reply_ops = {
	.size = sizeof fake_reply_ops,
	.deliver = reply_deliver,
};

int fake_deliver(struct fake *fake, size_t number, int status, void *value)
{
	assert(number < fake->n_replies);
	return actor_reply_deliver(&fake->replies[number].base, status, value);
}

/* The context. */

static struct fake *of_context(struct actor_context *context)
{
	return ACTOR_CONTAINER_OF(context, struct fake, context);
}

static struct actor_address *context_self(struct actor_context *context)
{
	return of_context(context)->has_self ? &of_context(context)->address : NULL;
}

static struct actor_spawner *context_spawner(struct actor_context *context)
{
	return &of_context(context)->spawner;
}

static int64_t context_now(struct actor_context *context)
{
	return of_context(context)->now;
}

static int accept(struct fake *fake, const struct actor_message_type *type, const void *message,
		  struct actor_reply *reply)
{
	int rc = next(&fake->post);

	if (rc == 0) {
		assert(type->message_size <= sizeof fake->received);
		memcpy(fake->received, message, type->message_size);
		fake->reply = reply;
	}
	return rc;
}

static int context_post(struct actor_context *context, struct actor_address *address,
			const struct actor_message_type *type, void *message,
			struct actor_reply *reply, int64_t deadline_ns)
{
	struct fake *fake = of_context(context);
	int rc;

	assert(address == &fake->address);
	(void)address;
	trace(fake, " wait-post(%s", type->name);
	if (reply && reply->ops == &fake_reply_ops)
		trace(fake, " %d", number_of(reply));
	trace(fake, " %s)", deadline_text(deadline_ns));
	rc = accept(fake, type, message, reply);
	if (rc == 0 && type->drop)
		memset(message, 0, type->message_size);
	return rc;
}

static int context_reply_open(struct actor_context *context, const struct actor_message_type *type,
			      struct actor_reply **ret_reply)
{
	struct fake *fake = of_context(context);
	int rc = next(&fake->reply_open);

	trace(fake, " open(%s)", type->name);
	if (rc < 0)
		return rc;
	assert(fake->n_replies < FAKE_MOST);
	fake->replies[fake->n_replies] = (struct fake_reply){
		.base.ops = &fake_reply_ops,
		.fake = fake,
		.type = type,
	};
	*ret_reply = &fake->replies[fake->n_replies++].base;
	return 0;
}

/* Whether there is nothing to wait for: what has been delivered wins over any error. */
static bool is_over(const struct actor_await *wait, int *ret_rc)
{
	size_t i, n_pending = 0;

	for (i = 0; i < wait->n_replies; i++) {
		struct actor_reply *reply = actor_await_reply(wait, i);

		if (reply && to_reply(reply)->delivered && wait->mode == ACTOR_AWAIT_ANY) {
			*ret_rc = (int)i;
			return true;
		}
		n_pending += reply && !to_reply(reply)->delivered;
	}
	*ret_rc = 0;
	return wait->mode == ACTOR_AWAIT_ALL && n_pending == 0;
}

static int context_await(struct actor_context *context, const struct actor_await *wait)
{
	struct fake *fake = of_context(context);
	size_t i;
	int rc;

	assert(wait->size == sizeof *wait);
	trace(fake, " await(%s", wait->mode == ACTOR_AWAIT_ALL ? "all" : "any");
	for (i = 0; i < wait->n_replies; i++)
		trace(fake, " %d", number_of(actor_await_reply(wait, i)));
	trace(fake, " %s)", deadline_text(wait->deadline_ns));
	if (is_over(wait, &rc))
		return rc;
	if (fake->on_await)
		fake->on_await(fake);
	return next(&fake->await);
}

static int context_reply_close(struct actor_context *context, struct actor_reply *reply,
			       void *ret_value)
{
	struct fake_reply *this = to_reply(reply);

	trace(of_context(context), " close(%d%s)", number_of(reply), this->closed ? " AGAIN" : "");
	this->closed = true;
	if (!this->delivered)
		return ACTOR_E_ABANDONED;
	if (this->status == 0 && ret_value)
		memcpy(ret_value, this->value, this->type->message_size);
	else if (this->status == 0)
		actor_message_drop(this->type, this->value);
	return this->status;
}

static void context_fail(struct actor_context *context, const struct actor_failure *failure)
{
	struct fake *fake = of_context(context);

	fake->failure = *failure;
	longjmp(fake->failed, 1);
}

static void context_log(struct actor_context *context, const struct actor_log_record *record)
{
	struct fake *fake = of_context(context);

	trace(fake, " log");
	fake->record = *record;
	snprintf(fake->text, sizeof fake->text, "%s", record->text);
	fake->record.text = fake->text;
}

static enum actor_log_level context_log_level(struct actor_context *context)
{
	return of_context(context)->log_level;
}

static struct actor_error *context_error(struct actor_context *context)
{
	return &of_context(context)->error;
}

static const struct actor_context_ops fake_context_ops = {
	.size = sizeof fake_context_ops,
	.self = context_self,
	.spawner = context_spawner,
	.now = context_now,
	.post = context_post,
	.reply_open = context_reply_open,
	.await = context_await,
	.reply_close = context_reply_close,
	.fail = context_fail,
	.log = context_log,
	.log_level = context_log_level,
	.error = context_error,
};

/* The address. */

static struct fake *of_address(const struct actor_address *address)
{
	return ACTOR_CONTAINER_OF(address, struct fake, address);
}

static void address_ref(struct actor_address *address)
{
	trace(of_address(address), " ref");
}

static void address_unref(struct actor_address *address)
{
	trace(of_address(address), " unref");
}

static struct actor_address *address_weak(struct actor_address *address)
{
	trace(of_address(address), " weak");
	return address;
}

static struct actor_address *address_upgrade(struct actor_address *address)
{
	trace(of_address(address), " upgrade");
	return NULL;
}

static void fake_info(const struct fake *fake, struct actor_info *ret_info)
{
	ret_info->identity = (struct actor_identity){ fake, 3 };
	ret_info->name = "savings";
	ret_info->type = "account";
}

static void address_info(const struct actor_address *address, struct actor_info *ret_info)
{
	fake_info(of_address(address), ret_info);
}

static bool address_handles(const struct actor_address *address,
			    const struct actor_message_type *type)
{
	trace(of_address(address), " handles(%s)", type->name);
	return !type->reply;
}

static int address_post(struct actor_address *address, const struct actor_message_type *type,
			void *message, struct actor_reply *reply, struct actor_waiter *waiter)
{
	struct fake *fake = of_address(address);

	trace(fake, " post(%s)", type->name);
	fake->waiter = waiter;
	return accept(fake, type, message, reply);
}

static void address_withdraw(struct actor_address *address, struct actor_waiter *waiter)
{
	trace(of_address(address), " withdraw");
	of_address(address)->waiter = waiter;
}

static int address_stop(struct actor_address *address, enum actor_stop how)
{
	trace(of_address(address), " stop(%s)", how == ACTOR_STOP_DRAIN ? "drain" : "now");
	return 0;
}

static void address_explain(struct actor_address *address, const struct actor_message_type *type,
			    const void *message, char *text, size_t n_text)
{
	struct fake *fake = of_address(address);

	trace(fake, " explain(%s)", type->name);
	fake->explained = message;
	actor__copy_text(text, n_text, fake->why);
}

static const struct actor_address_ops fake_address_ops = {
	.size = sizeof fake_address_ops,
	.ref = address_ref,
	.unref = address_unref,
	.weak = address_weak,
	.upgrade = address_upgrade,
	.info = address_info,
	.handles = address_handles,
	.post = address_post,
	.withdraw = address_withdraw,
	.stop = address_stop,
	.explain = address_explain,
};

/* The mailbox. */

static struct fake *of_mailbox(const struct actor_mailbox *mailbox)
{
	return ACTOR_CONTAINER_OF(mailbox, struct fake, mailbox);
}

static void mailbox_info(const struct actor_mailbox *mailbox, struct actor_info *ret_info)
{
	fake_info(of_mailbox(mailbox), ret_info);
}

static struct actor_address *mailbox_address(struct actor_mailbox *mailbox)
{
	trace(of_mailbox(mailbox), " address");
	return &of_mailbox(mailbox)->address;
}

static int mailbox_start(struct actor_mailbox *mailbox, void *state, actor_end_fn *on_end,
			 void *user)
{
	struct fake *fake = of_mailbox(mailbox);

	trace(fake, " start(%s)", on_end ? "on_end" : "");
	fake->end.state = state;
	if (on_end)
		on_end(user, &fake->end);
	return next(&fake->start);
}

static void mailbox_cancel(struct actor_mailbox *mailbox)
{
	trace(of_mailbox(mailbox), " cancel");
}

static int mailbox_join(struct actor_mailbox *mailbox, struct actor_reply *reply)
{
	struct fake *fake = of_mailbox(mailbox);

	trace(fake, " join(%d)", number_of(reply));
	return next(&fake->join);
}

static int mailbox_end(struct actor_mailbox *mailbox, struct actor_end *ret_end)
{
	struct fake *fake = of_mailbox(mailbox);
	int rc = next(&fake->get_end);

	trace(fake, " end");
	if (rc == 0)
		*ret_end = fake->end;
	return rc;
}

static void mailbox_detach(struct actor_mailbox *mailbox)
{
	trace(of_mailbox(mailbox), " detach");
}

static const struct actor_mailbox_ops fake_mailbox_ops = {
	.size = sizeof fake_mailbox_ops,
	.info = mailbox_info,
	.address = mailbox_address,
	.start = mailbox_start,
	.cancel = mailbox_cancel,
	.join = mailbox_join,
	.end = mailbox_end,
	.detach = mailbox_detach,
};

/* The spawner. */

static int spawner_mailbox(struct actor_spawner *spawner, const struct actor_behavior *behavior,
			   const struct actor_mailbox_options *options,
			   struct actor_mailbox **ret_mailbox)
{
	struct fake *fake = ACTOR_CONTAINER_OF(spawner, struct fake, spawner);
	int rc = next(&fake->make);

	trace(fake, " make(%s", behavior->name);
	if (options)
		trace(fake, " %s %zu", options->name, options->capacity);
	trace(fake, ")");
	if (rc == 0)
		*ret_mailbox = &fake->mailbox;
	return rc;
}

static const struct actor_spawner_ops fake_spawner_ops = {
	.size = sizeof fake_spawner_ops,
	.mailbox = spawner_mailbox,
};

void fake_init(struct fake *fake)
{
	*fake = (struct fake){
		.context.ops = &fake_context_ops,
		.address.ops = &fake_address_ops,
		.mailbox.ops = &fake_mailbox_ops,
		.spawner.ops = &fake_spawner_ops,
		.now = 1000,
		.has_self = true,
		.log_level = ACTOR_LOG_INFO,
	};
}
