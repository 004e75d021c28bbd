#!/bin/sh
# Verifies a bundle of the Distillation Workbench: nothing was changed, removed, added or renamed,
# and which key signed. Needs a POSIX system, sha256sum (or shasum) and ssh-keygen (OpenSSH 8.2 or
# newer). It writes nothing, asks no network and runs nothing of the bundle.
#
#   sh verify.sh [--trust SHA256:...] [BUNDLE]      BUNDLE is this folder where none is named
#
# Exit status: 0 intact; 1 not intact, and what is wrong is named, the most telling first; 2 it is
# no bundle, or one of a newer version.
#
# A forged bundle may bring a forged script. Take this one from the program's own documents, which
# print its SHA-256, or read it. VERIFY.txt has the same steps as single commands. The journals in
# data/audit/ are compared as files, not walked line by line: `workbench verify` does that.

set -u
LC_ALL=C
export LC_ALL
unset CDPATH

VERSION=2                # of the layout; newer ones are refused
MOST=100000              # files and folders in a bundle
LONGEST=131072           # blocks of 512 bytes of a tag file
DEEP='./*/*/*/*/*/*/*/*' # paths of as many parts as a file may have
SPACE=distillation-workbench-bundle
MANIFEST=manifest-sha256.txt
TAGS=tagmanifest-sha256.txt
SIGNATURE=signatures/$TAGS.sig
SIGNERS=signatures/allowed_signers
KEY=signatures/signer.pub

give_up() {
    printf 'verify.sh: %s\n' "$*" >&2
    exit 2
}

# --- what was asked ------------------------------------------------------------------------------
trust=
bundle=.
while [ $# -gt 0 ]; do
    case $1 in
    --trust)
        [ $# -gt 1 ] || give_up 'after --trust comes a fingerprint, SHA256:...'
        trust=$2
        case ${trust#SHA256:} in *[!A-Za-z0-9+/]*) trust= ;; esac
        case $trust in SHA256:*) ;; *) trust= ;; esac
        [ ${#trust} -eq 50 ] || give_up 'that is no fingerprint: SHA256: and 43 characters.'
        shift 2
        ;;
    -*) give_up 'usage: sh verify.sh [--trust SHA256:...] [BUNDLE]' ;;
    *)
        bundle=$1
        shift
        ;;
    esac
done
command -v ssh-keygen >/dev/null || give_up 'ssh-keygen (OpenSSH) is not here.'
if command -v sha256sum >/dev/null; then
    sha256=sha256sum
elif command -v shasum >/dev/null; then
    sha256='shasum -a 256'
else
    give_up 'neither sha256sum nor shasum is here.'
fi
case $bundle in /*) place=$bundle ;; *) place=./$bundle ;; esac
cd "$place" 2>/dev/null || give_up "$bundle is not a folder."
lies() { [ -e "$1" ] || [ -h "$1" ]; }
lies $TAGS || lies $MANIFEST || lies $SIGNATURE || give_up "$bundle is not a bundle."

# --- what is wrong: one line each, rank, item and detail between tabs ----------------------------
# Ranks: 1 changed 2 missing 3 added 4 no plain file 5 name 6 manifest 7 signature 9 signer
say() { printf '%s\t%s\t%s\n' "$1" "$2" "${3-}"; }
plain() { [ -f "$1" ] && [ ! -h "$1" ]; }
no_nul() { tr '\000' '?'; } # which $(...) would take for nothing
short() { [ -z "$(find "$1" -size +$LONGEST)" ]; }

# Everything with a name that no bundle uses is left out, and not entered; what follows is asked of
# it, or, behind -o, of all else.
look() {
    find . ! -path . \( -name '[!A-Za-z0-9]*' -o -name '*[!A-Za-z0-9._-]*' \) -prune "$@"
}
walk() { look -o -type d -path "$DEEP" -prune -o ! -path . "$@" -print; }

too_many() {
    n=$({ look -print; walk; } | head -n $((MOST + 1)) | wc -l)
    [ "$n" -gt $MOST ]
}
strange_entries() {
    look -exec sh -c '
        for name do
            printf "5\t"
            printf %s "${name#./}" | tr -c "A-Za-z0-9._/-" "?"
            printf "\tnot a name that bundles use\n"
        done' sh {} + | head -n 1000
    look -o -type d -path "$DEEP" -prune -print |
        sed 's,^\./\(.*\)$,3	\1/	deeper than bundles go,'
    walk ! -type d ! -type f | sed 's,^\./\(.*\)$,4	\1	a link or a device,'
    { walk -type d | sed 's/^/D/'; walk | sed 's/^/A/'; } | awk '
        { name = substr($0, 2) }
        /^D/ { folder[name] = 1 }
        /^A/ { sub("/[^/]*$", "", name); full[name] = 1 }
        END { for (name in folder) if (!(name in full)) print name }' |
        while read -r name; do
            if [ ! -r "$name" ] || [ ! -x "$name" ]; then
                say 1 "${name#./}/" 'cannot be read'
            elif [ -z "$(ls -A "$name" | head -n 1)" ]; then
                say 3 "${name#./}/" 'an empty folder'
            fi
        done
}

# --- the signature -------------------------------------------------------------------------------
# It has 330 bytes: SSHSIG, version 1, an Ed25519 key, what it is for, sha512, and 64 bytes; only the
# key and these differ, and there is one way to write them. The last 32 are a number below 2^252:
# ssh-keygen takes a larger one of the same kind as well.
one_way_to_write() {
    [ "$(wc -c <$SIGNATURE)" -eq 330 ] && awk '
        BEGIN {
            good = 1
            head = "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg"
            middle = "AAAdZGlzdGlsbGF0aW9uLXdvcmtiZW5jaC1idW5kbGUAAAAAAAAABnNoYTUxMgAAAFMAAAAL"
            middle = middle "c3NoLWVkMjU1MTkAAABA"
        }
        NR == 1 { good = $0 == "-----BEGIN SSH SIGNATURE-----"; next }
        NR < 5 && length($0) != 70 { good = 0 }
        NR < 6 { text = text $0; next }
        { good = good && NR == 6 && $0 == "-----END SSH SIGNATURE-----" }
        END {
            good = good && NR == 6 && length(text) == 268 && text !~ /[^A-Za-z0-9+\/=]/
            good = good && substr(text, 1, 44) == head && substr(text, 89, 92) == middle
            good = good && substr(text, 87, 2) ~ /^[AEIMQUYcgkosw048]A$/
            exit !(good && index(text, "=") == 267 && text ~ /[ABCD][AQgw]==$/)
        }' $SIGNATURE
}
find_signer() { # the fingerprint of the key that signed; nothing where no signature fits
    if plain $TAGS && plain $SIGNATURE && short $TAGS && short $SIGNATURE && one_way_to_write; then
        ssh-keygen -Y check-novalidate -n $SPACE -s $SIGNATURE <$TAGS 2>/dev/null |
            sed -n 's,^Good .* with ED25519 key \(SHA256:[A-Za-z0-9+/]*\)$,\1,p'
    fi
}
names_signer() { # FILE PREFIX: it holds the prefix, the key that signed, and nothing else
    short "$1" || return
    key=$(sed -n 's,^.*ssh-ed25519 \([A-Za-z0-9+/]\{68\}\)$,\1,p' "$1")
    printf '%sssh-ed25519 %s\n' "$2" "$key" | cmp -s - "$1" || return
    print=$(printf 'ssh-ed25519 %s\n' "$key" | ssh-keygen -l -f - 2>/dev/null | cut -d ' ' -f 2)
    [ "$print" = "$signer" ]
}
signature_troubles() {
    if [ -n "$signer" ]; then
        if plain $KEY && ! names_signer $KEY ''; then
            say 1 $KEY 'it names another key than the one that signed'
        fi
        if plain $SIGNERS && ! names_signer $SIGNERS "signer namespaces=\"$SPACE\" "; then
            say 1 $SIGNERS 'it names another key than the one that signed'
        fi
        [ -z "$trust" ] || [ "$trust" = "$signer" ] || say 9 $SIGNATURE "signed by $signer"
    elif plain $TAGS && plain $SIGNATURE; then
        if ! short $SIGNATURE; then
            say 1 $SIGNATURE 'too long'
        elif short $TAGS; then
            say 7 $SIGNATURE 'it does not fit what was signed'
        fi
    fi
}

# --- manifests, tag files and data ---------------------------------------------------------------
readable() { plain "$1" && short "$1" && [ "$(wc -l <"$1")" -le $MOST ]; }
manifest_troubles() { # FILE
    if ! plain "$1"; then
        return
    elif ! short "$1"; then
        say 1 "$1" 'too long'
    elif ! readable "$1"; then
        say 6 "$1" 'more lines than a bundle has files'
    else
        [ "$(tail -c 1 "$1" | tr -d '\n' | wc -c)" -eq 0 ] || say 6 "$1" 'the last line is cut'
        [ "$(tr -d '\n -~' <"$1" | wc -c)" -eq 0 ] || say 6 "$1" 'bytes that no manifest has'
    fi
}
# What the manifests name, beside what lies there: troubles, and, behind "=", the lines of files
# that are there and whose digests are still to be compared.
compare_names() {
    {
        readable $TAGS && echo T && sed 's/^/t/' $TAGS && echo
        readable $MANIFEST && echo M && sed 's/^/m/' $MANIFEST && echo
        walk -type f | sed 's,^\./,f,'
    } | no_nul | awk -v required="$required" -v allowed="$allowed" -v tags=$TAGS -v manifest=$MANIFEST \
        -v signed="$SIGNERS $KEY $SIGNATURE" '
        function bad(rank, item, detail) { print rank "\t" item "\t" detail }
        function is_path(name, parts) {
            return name ~ /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/ \
                && split(name, parts, "/") <= 8
        }
        BEGIN {
            n_allowed = split(allowed, names, " ")
            for (i = 1; i <= n_allowed; i++) is_tag[names[i]] = 1
            n_tags = split(required, tag, " ")
            for (i = 1; i <= n_tags; i++) known[tag[i]] = 1
            n_signed = split(signed, names, " ")
            for (i = 1; i <= n_signed; i++) known[names[i]] = 1
            known[tags] = 1
        }
        /^T/ { has_tags = 1 }
        /^M/ { has_manifest = 1 }
        /^f/ { present[substr($0, 2)] = 1 }
        /^[tm]/ {
            file = /^t/ ? tags : manifest
            digest = substr($0, 2, 64)
            name = substr($0, 68)
            line = "line " (++n[file])
            may = is_path(name) && (file == tags ? name in is_tag : name ~ /^data\//)
            if (length(digest) < 64 || digest ~ /[^0-9a-f]/ || substr($0, 66, 2) != "  ")
                bad(6, file, line " is not a digest and a name")
            else if (!may)
                bad(6, file, line " names what it may not")
            else if (name in listed)
                bad(6, file, line " names " name " again")
            else {
                if ((last[file] "") > (name "")) bad(6, file, "its lines are not in order")
                last[file] = name
                listed[name] = digest
                known[name] = 1
            }
        }
        END {
            for (i = 1; has_tags && i <= n_tags; i++)
                if (!(tag[i] in listed)) bad(6, tags, tag[i] " is not listed")
            for (name in known)
                if (!(name in present)) bad(2, name)
                else if (name in listed) print "=" listed[name] "  " name
            if (has_tags && has_manifest)
                for (name in present) if (!(name in known)) bad(3, name)
        }'
}
compare_digests() { # of the lines behind "=" that compare_names gives
    lines=$(printf '%s\n' "$1" | sed -n 's/^=//p')
    [ -n "$lines" ] || return
    {
        printf '%s\n' "$lines" | sed 's/^/e/'
        # Names were looked through: no blanks, no quotes, none that begins with a dash.
        printf '%s\n' "$lines" | cut -c 67- | xargs $sha256 2>/dev/null | sed 's/^/a/'
    } | awk '
        { digest = substr($0, 2, 64); name = substr($0, 68) }
        /^e/ { expected[name] = digest }
        /^a/ { actual[name] = digest }
        END { for (name in expected) if (actual[name] != expected[name]) print "1\t" name "\t" }'
}
field() { # NAME: its value in bag-info.txt
    plain bag-info.txt && short bag-info.txt && sed -n "s/^$1: //p" bag-info.txt | no_nul | tail -n 1
}
tag_file_troubles() {
    if plain bagit.txt; then
        printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n' | cmp -s - bagit.txt ||
            say 1 bagit.txt 'not BagIt 1.0'
    fi
    plain bag-info.txt && ! short bag-info.txt && say 1 bag-info.txt 'too long'
}

# --- all of it -----------------------------------------------------------------------------------
version=$(field Bundle-Version)
case $version in '' | *[!0-9]* | 0* | ??????????*) version= ;; esac
required="VERIFY.txt bag-info.txt bagit.txt $MANIFEST"
allowed="$required verify.sh"
case $version in
'') ;; # that is what is wrong: nothing of a later version is missed
1) allowed=$required ;;
*) required=$allowed ;;
esac
signer=
if too_many; then
    found=$(say 3 . "more than $MOST files")
else
    signer=$(find_signer)
    names=$(compare_names)
    found=$(
        signature_troubles
        strange_entries
        tag_file_troubles
        manifest_troubles $TAGS
        manifest_troubles $MANIFEST
        printf '%s\n' "$names" | grep -v '^=' | grep .
        compare_digests "$names"
    )
    if ! printf '%s\n' "$found" | cut -f 2 | grep -qx bag-info.txt; then
        if [ -z "$version" ]; then
            found="$found
$(say 1 bag-info.txt 'it names no version of bundles')"
        elif [ "$version" -gt $VERSION ]; then
            give_up "$bundle is a bundle of version $version; this script reads $VERSION."
        fi
    fi
    sum=$(field Payload-Oxum)
    if [ -n "$sum" ] && ! printf '%s\n' "$found" | grep -v '^9' | grep -q .; then
        counted=$(find data -type f -exec wc -c {} + | awk '
            $2 ~ /^data\// { bytes += $1; files++ }
            END { printf "%.0f.%d", bytes, files }')
        [ "$sum" = "$counted" ] || found="$found
$(say 1 data/ "$counted, not as bag-info.txt says")"
    fi
fi

if [ -n "$found" ]; then
    # From the signature inwards: what is wrong further out says more.
    printf '%s\n' "$found" | grep . | awk -F '\t' -v OFS='\t' -v tags=$TAGS '
        {
            ring = $2 ~ /^data\// ? 2 : 1
            if ($2 == tags || $2 ~ /^signatures\//) ring = 0
            print ($1 == 9 ? 3 : ring), $1, $2, $3
        }' | sort -t '	' -k 1,1n -k 2,2n -k 3,3 | uniq | awk -F '\t' '
        BEGIN {
            split("changed,missing,added,not a plain file,name refused,manifest broken," \
                "signature broken,,signer not trusted", words, ",")
        }
        NR <= 20 { print $3 ": " words[$2] ($4 == "" ? "" : " (" $4 ")") }
        END { if (NR > 20) print "... " NR - 20 " more" }'
    verdict='signer not trusted'
    printf '%s\n' "$found" | grep . | grep -qv '^9' && verdict='not intact'
    printf '%s: %s\n' "$bundle" "$verdict"
    [ -z "$signer" ] || printf '  signed by %s\n' "$signer"
    exit 1
fi
if [ -n "$trust" ]; then
    printf '%s: intact, signer trusted\n' "$bundle"
else
    printf '%s: intact, signer unknown\n' "$bundle"
fi
printf '  signed by %s\n' "$signer"
[ -n "$trust" ] || printf '  Compare the fingerprint with one that you have by another way.\n'
