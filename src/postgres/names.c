/* Gives every user id the name “uid-…”. A container may run the program with a user id that has no
   name, which initdb refuses, and by which Postgres cannot tell who connects. Loaded into Postgres's
   programs with LD_PRELOAD in that case alone. Needs no C library, so it works with any. */

#include <pwd.h>
#include <stddef.h>

/* “uid-”, at most ten digits and the end. */
enum { LONGEST = 16 };
enum { TOO_SMALL = 34 }; /* ERANGE */

static void name(uid_t uid, char *text, struct passwd *entry)
{
    char digits[10];
    size_t count = 0, length = 4;
    uid_t rest = uid;

    do {
        digits[count++] = (char) ('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    text[0] = 'u';
    text[1] = 'i';
    text[2] = 'd';
    text[3] = '-';
    while (count > 0)
        text[length++] = digits[--count];
    text[length] = '\0';

    entry->pw_name = text;
    entry->pw_passwd = "x";
    entry->pw_uid = uid;
    entry->pw_gid = 0;
    entry->pw_gecos = "";
    entry->pw_dir = "/";
    entry->pw_shell = "/bin/false";
}

struct passwd *getpwuid(uid_t uid)
{
    static struct passwd entry;
    static char text[LONGEST];

    name(uid, text, &entry);
    return &entry;
}

int getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size, struct passwd **result)
{
    *result = NULL;
    if (size < LONGEST)
        return TOO_SMALL;
    name(uid, buffer, entry);
    *result = entry;
    return 0;
}
