/* SPDX-License-Identifier: BSD-3-Clause */
/* What cppcheck must know of <sys/queue.h>, which it does not read: `make lint` includes this before each file. */
#define LIST_HEAD(name, type) struct name { struct type *first; }
#define TAILQ_HEAD(name, type) struct name { struct type *first; struct type **last; }
#define STAILQ_HEAD(name, type) struct name { struct type *first; struct type **last; }
#define LIST_FOREACH(var, head, field) for ((var) = (head)->first; (var); (var) = (var)->field.next)
#define TAILQ_FOREACH(var, head, field) for ((var) = (head)->first; (var); (var) = (var)->field.next)
#define STAILQ_FOREACH(var, head, field) for ((var) = (head)->first; (var); (var) = (var)->field.next)
#define LIST_ENTRY(type) struct { struct type *next; struct type **prev; }
#define TAILQ_ENTRY(type) struct { struct type *next; struct type **prev; }
#define STAILQ_ENTRY(type) struct { struct type *next; }
