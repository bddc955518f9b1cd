//! What is known of Ruby.

use super::token::Flavor;
use super::{Call, Language};
use crate::action::EffectKind::{Deletes, Names, Permits, Reads, Writes};

pub(super) const LANGUAGE: Language = Language {
    flavor: Flavor::Ruby,
    function,
    member,
    classes: &["File", "IO", "Dir", "FileUtils", "ENV", "ARGV", "YAML", "CSV", "JSON", "Gem", "Process", "Etc"],
    plain,
    method,
    variable,
    library,
};

fn has(words: &str, name: &[u8]) -> bool {
    core::str::from_utf8(name).is_ok_and(|name| words.split_ascii_whitespace().any(|word| word == name))
}

fn function(name: &[u8]) -> Option<Call> {
    Some(match name {
        b"require" => Call::Library,
        b"open" => Call::Open,
        b"system" | b"exec" | b"spawn" => Call::Shell,
        _ if has(
            " puts print p pp gsub sub chomp chop printf putc format sprintf gets readline readlines exit exit! abort raise loop rand srand sleep Integer Float \
              String Array Rational Complex lambda proc catch throw warn block_given? caller ",
            name,
        ) =>
        {
            Call::Pure
        }
        _ => return None,
    })
}

fn member(class: &[u8], name: &[u8]) -> Option<Call> {
    Some(match (class, name) {
        (b"File" | b"IO", b"read" | b"readlines" | b"foreach" | b"binread") => Call::File(Reads),
        (b"File" | b"IO", b"write" | b"binwrite") => Call::Put,
        (b"File", b"open" | b"new") => Call::Open,
        (
            b"File",
            b"exist?" | b"file?" | b"directory?" | b"size" | b"size?" | b"zero?" | b"empty?" | b"mtime" | b"ctime"
            | b"atime" | b"stat" | b"lstat" | b"symlink?" | b"readable?" | b"writable?" | b"executable?" | b"realpath"
            | b"readlink" | b"ftype",
        ) => Call::File(Names),
        (
            b"File",
            b"basename" | b"dirname" | b"extname" | b"join" | b"expand_path" | b"split" | b"absolute_path"
            | b"SEPARATOR",
        ) => Call::Pure,
        (b"File", b"delete" | b"unlink") | (b"FileUtils", b"rm" | b"rm_f") => Call::Files(Deletes),
        (b"File", b"rename") | (b"FileUtils", b"mv" | b"move") => Call::Moves,
        (b"FileUtils", b"cp" | b"copy") => Call::Copies,
        (b"FileUtils", b"rm_rf" | b"rm_r" | b"remove_dir") => Call::Tree,
        (b"FileUtils", b"mkdir_p" | b"mkdir" | b"touch") | (b"Dir", b"mkdir") => Call::Files(Writes),
        (b"FileUtils", b"chmod") | (b"File", b"chmod") => Call::File(Permits),
        (b"Dir", b"glob" | b"children" | b"entries" | b"each_child" | b"exist?" | b"empty?") => Call::File(Names),
        (b"Dir", b"rmdir" | b"delete") => Call::Files(Deletes),
        (b"Dir", b"pwd" | b"home") => Call::Pure,
        (b"ENV", b"fetch") => Call::Variable,
        (b"ENV", b"key?" | b"include?") => Call::Pure,
        (b"ENV", b"to_h" | b"each" | b"map" | b"keys" | b"sort" | b"inspect" | b"values") => Call::Environment,
        (
            b"ARGV",
            b"first" | b"last" | b"each" | b"map" | b"join" | b"size" | b"length" | b"inspect" | b"empty?"
            | b"each_with_index",
        ) => Call::Pure,
        (b"YAML", b"load_file" | b"safe_load_file")
        | (b"CSV", b"read" | b"foreach" | b"table")
        | (b"JSON", b"load_file") => Call::File(Reads),
        (b"YAML", b"safe_load" | b"dump") | (b"CSV", b"parse" | b"parse_line" | b"generate_line") => Call::Pure,
        (b"JSON", b"parse" | b"generate" | b"pretty_generate" | b"dump" | b"ParserError") => Call::Pure,
        (b"Gem", b"VERSION" | b"Version" | b"path" | b"dir") => Call::Pure,
        (b"Process", b"clock_gettime" | b"pid" | b"CLOCK_MONOTONIC") => Call::Pure,
        (b"Etc", b"nprocessors" | b"getlogin") => Call::Pure,
        _ => return None,
    })
}

fn plain(name: &[u8]) -> bool {
    name.ends_with(b"Error")
        || has(
            " if elsif else end unless while until do then case when in for begin rescue ensure retry next break redo return not and or nil true \
              false defined? BEGIN END RUBY_VERSION RUBY_PLATFORM RUBY_ENGINE RUBY_ENGINE_VERSION RUBY_PATCHLEVEL RUBY_RELEASE_DATE \
              RUBY_COPYRIGHT RUBY_DESCRIPTION ARGF STDIN STDOUT STDERR Time Date DateTime Math Set Hash Range Regexp Comparable Enumerable Random \
              SecureRandom Digest StringIO Struct Encoding URI Base64 Benchmark __method__ __LINE__ _1 it ",
            name,
        )
}

fn method(name: &[u8]) -> bool {
    has(
        " abs all? any? append ascii_only? at avg base64digest begin between? bit_length bytes bytesize call captures capitalize casecmp ceil center \
          chars chomp chop chr clamp clear clone close codepoints combination compact concat count cycle day days delete delete_at delete_if \
          delete_prefix delete_suffix detect dig digest digits divmod downcase downto drop drop_while dup each each_char each_cons each_entry \
          each_key each_line each_pair each_slice each_value each_with_index each_with_object empty? encode encode64 encoding end end_with? entries \
          eof? eql? even? fdiv fetch fill filter filter_map find find_all find_index first flat_map flatten floor flush force_encoding format freeze \
          frozen? full_message gcd generate getc gets group_by gsub gsub! has_key? has_value? hash hex hexdigest host hour include? index inject insert \
          inspect instance_of? integer? intersect? invert is_a? iso8601 join keep_if key key? keys kind_of? last lazy lcm length lines ljust localtime \
          lstrip lstrip! map map! match match? max max_by member? merge merge! message min min_by minmax minutes mon month named_captures names new \
          next nil? none? now object_id oct odd? offset one? ord pack partition path permutation pop port positive? negative? post_match pow pre_match \
          pred prepend pretty_generate product push query quo rand rationalize read readline readlines realtime reduce reject reject! replace reverse \
          reverse! reverse_each rewind rindex rjust rotate round rpartition rstrip rstrip! sample scan scheme select select! shift shuffle size slice \
          slice_when sort sort! sort_by sort_by! split sqrt squeeze start_with? step store strftime strict_encode64 strip strip! sub sub! subsec succ \
          sum swapcase sync take take_while tally tap then times to_a to_c to_f to_h to_i to_int to_json to_proc to_r to_s to_set to_str to_sym to_yaml \
          today tr tr_s transform_keys transform_values transpose truncate union uniq uniq! unpack unpack1 unshift upcase upcase! upto urlsafe_encode64 \
          usec utc uuid valid_encoding? value? values values_at wday with_index with_object year yday zero? zip zone bsearch sum measure alphanumeric \
          puts print write parse iso8601 at exception backtrace finite? infinite? nan? cover? sin cos tan log log2 log10 exp hypot PI ",
        name,
    )
}

/// Methods that every object has: a variable of that name does not hide them wherever it is not in sight.
pub(super) fn is_of_kernel(name: &[u8]) -> bool {
    has(
        " eval exec system spawn fork send __send__ public_send instance_eval instance_exec class_eval module_eval load require require_relative           autoload open select test trap binding at_exit callcc syscall set_trace_func trace_var untrace_var method public_method singleton_method           methods define_method define_singleton_method extend include prepend_features instance_variable_get instance_variable_set           instance_variables singleton_class const_get const_set remove_method undef_method alias_method attr attr_accessor exit_group using refine ",
        name,
    )
}

/// Labels of a call that choose how text is read or shown.
pub(super) fn label_is_plain(name: &[u8]) -> bool {
    !has(
        " mode flags perm create_additions object_class array_class decimal_class permitted_classes external_command opener unsafe in out err chdir \
          pgroup umask close_others exception ",
        name,
    )
}

fn variable(name: &[u8]) -> Option<Call> {
    match name {
        b"_" | b"," | b"/" | b";" | b"." | b"~" | b"!" | b"&" | b"0" | b"stdin" | b"stderr" | b"PROGRAM_NAME" => None,
        b"stdout" => Some(Call::Pure),
        name if name.iter().all(u8::is_ascii_digit) => None,
        // What the code sets itself.
        name if name.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_')
            && !matches!(name, b"defout" | b"deferr") =>
        {
            None
        }
        _ => Some(Call::Environment),
    }
}

fn library(name: &[u8]) -> bool {
    has(
        " json yaml set date time csv pp securerandom digest digest/md5 digest/sha1 digest/sha2 fileutils stringio base64 benchmark bigdecimal \
          tempfile tmpdir uri ostruct optparse strscan English forwardable singleton shellwords prime matrix etc erb psych ",
        name,
    )
}
