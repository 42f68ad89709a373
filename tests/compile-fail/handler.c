/* SPDX-License-Identifier: MIT */
// expect: account_on_deposit() is not a handler of deposit: see ACTOR_DEFINE()
// vary WRONG: wrong_return no_answer wrong_message wrong_self no_context
// vary WRONG: constant_message other_pending answer_and_pending
/* A handler of a message is neither of the two functions that it can be. */
#include "bank.h"

typedef struct balance answers(struct account *self, struct deposit *message,
			       struct actor_context *context);
typedef int wrong_return(struct account *self, struct deposit *message,
			 struct actor_context *context);
typedef void no_answer(struct account *self, struct deposit *message,
		       struct actor_context *context);
typedef struct balance wrong_message(struct account *self, struct transfer *message,
				     struct actor_context *context);
typedef struct balance wrong_self(struct branch *self, struct deposit *message,
				  struct actor_context *context);
typedef struct balance no_context(struct account *self, struct deposit *message);
typedef struct balance constant_message(struct account *self, const struct deposit *message,
					struct actor_context *context);
typedef void other_pending(struct account *self, struct deposit *message,
			   struct transfer_pending pending, struct actor_context *context);
typedef struct balance answer_and_pending(struct account *self, struct deposit *message,
					  struct deposit_pending pending,
					  struct actor_context *context);

#ifdef FIXED
#define HANDLER answers
#else
#define HANDLER WRONG
#endif

HANDLER account_on_deposit;
void account_on_audit(struct account *self, struct audit *message, struct actor_context *context);

ACTOR_DEFINE(account, ACCOUNT_MESSAGES, NULL, NULL, NULL);
