//! What is known of PHP.

use super::token::{Flavor, Token};
use super::{Call, Language};
use crate::action::EffectKind::{Deletes, Names, Permits, Reads, Writes};

pub(super) const LANGUAGE: Language = Language {
    flavor: Flavor::Php,
    function,
    member,
    classes: &["DateTime", "DateTimeImmutable", "DateInterval", "DateTimeZone"],
    plain,
    method,
    variable,
    library: |_| false,
};

fn has(words: &str, name: &[u8]) -> bool {
    core::str::from_utf8(name).is_ok_and(|name| words.split_ascii_whitespace().any(|word| word == name))
}

fn function(name: &[u8]) -> Option<Call> {
    Some(match name {
        b"file_get_contents"
        | b"file"
        | b"readfile"
        | b"parse_ini_file"
        | b"simplexml_load_file"
        | b"md5_file"
        | b"sha1_file"
        | b"php_strip_whitespace"
        | b"highlight_file"
        | b"show_source" => Call::File(Reads),
        b"file_put_contents" => Call::Put,
        b"fopen" => Call::Open,
        b"file_exists" | b"is_file" | b"is_dir" | b"is_link" | b"is_readable" | b"is_writable" | b"is_executable"
        | b"filesize" | b"filemtime" | b"fileperms" | b"stat" | b"lstat" | b"realpath" | b"readlink" | b"scandir"
        | b"opendir" | b"glob" => Call::File(Names),
        b"unlink" | b"rmdir" => Call::File(Deletes),
        b"mkdir" | b"touch" => Call::File(Writes),
        b"chmod" => Call::File(Permits),
        b"copy" => Call::Copies,
        b"rename" => Call::Moves,
        b"system" | b"exec" | b"shell_exec" | b"passthru" | b"popen" => Call::Shell,
        b"getenv" => Call::Variable,
        b"phpinfo" => Call::Environment,
        b"base64_decode" | b"hex2bin" | b"convert_uudecode" | b"gzinflate" | b"gzuncompress" | b"gzdecode" => {
            Call::Decodes
        }
        b"array_map" => Call::Calls(0),
        b"array_filter"
        | b"array_reduce"
        | b"array_walk"
        | b"usort"
        | b"uasort"
        | b"uksort"
        | b"preg_replace_callback" => Call::Calls(1),
        _ if has(
            " printf sprintf vsprintf number_format print_r var_dump var_export json_encode json_decode json_last_error json_last_error_msg implode join \
              explode str_replace str_ireplace substr substr_count substr_replace strlen strpos stripos strrpos strstr stristr strrev strtolower \
              strtoupper ucfirst ucwords lcfirst trim ltrim rtrim chop str_pad str_repeat str_split str_contains str_starts_with str_ends_with strcmp \
              strcasecmp strncmp strnatcmp similar_text levenshtein soundex metaphone wordwrap nl2br htmlspecialchars html_entity_decode htmlentities \
              strip_tags addslashes stripslashes ord chr bin2hex dechex hexdec bindec decbin octdec base_convert md5 sha1 crc32 hash hash_algos base64_encode \
              urlencode urldecode rawurlencode rawurldecode http_build_query parse_url count sizeof array_keys array_values array_merge \
              array_merge_recursive array_combine array_flip array_slice array_splice array_sum array_product array_unique array_reverse array_search \
              in_array array_key_exists array_key_first array_key_last array_push array_pop array_shift array_unshift array_fill array_fill_keys \
              array_column array_chunk array_diff array_diff_key array_diff_assoc array_intersect array_intersect_key array_count_values array_pad \
              array_rand array_is_list range sort rsort asort arsort ksort krsort natsort shuffle min max abs ceil floor round sqrt pow intdiv fmod \
              rand mt_rand random_int random_bytes mt_srand pi log exp is_array is_string is_int is_integer is_numeric is_bool is_float is_null is_object \
              is_callable is_countable is_iterable gettype get_debug_type get_class method_exists property_exists class_exists function_exists interface_exists \
              extension_loaded get_loaded_extensions get_extension_funcs intval floatval strval boolval settype preg_match preg_match_all preg_replace \
              preg_split preg_quote preg_grep preg_last_error date gmdate time mktime strtotime checkdate microtime hrtime date_default_timezone_get \
              date_default_timezone_set phpversion php_uname php_sapi_name zend_version memory_get_usage memory_get_peak_usage version_compare ini_get \
              sys_get_temp_dir getcwd gethostname getmypid uniqid usleep sleep dirname basename pathinfo fgets fgetcsv fgetc fread feof fclose fwrite fputs \
              fputcsv fflush stream_get_contents stream_get_line mb_strlen mb_substr mb_strtoupper mb_strtolower mb_strpos mb_str_split mb_convert_case \
              mb_convert_encoding mb_detect_encoding mb_check_encoding utf8_encode utf8_decode iconv ctype_digit ctype_alpha ctype_alnum ctype_upper \
              ctype_lower ctype_space ctype_xdigit serialize str_word_count vprintf array_flip iterator_to_array spl_object_id password_hash \
              password_verify error_reporting defined constant opcache_get_status fdiv nl_langinfo lcg_value ",
            name,
        ) =>
        {
            Call::Pure
        }
        _ => return None,
    })
}

fn member(_class: &[u8], name: &[u8]) -> Option<Call> {
    has(" createFromFormat ATOM RFC2822 UTC listIdentifiers createFromDateString ", name).then_some(Call::Pure)
}

/// A constant by its shape, where nothing follows that a keyword or a call would take: both have no case.
pub(super) fn is_constant(name: &[u8], next: &Token) -> bool {
    let taken = matches!(
        next,
        Token::Open(_)
            | Token::Text(_)
            | Token::Shell(_)
            | Token::Variable(_)
            | Token::Name(_)
            | Token::Number
            | Token::Below(..)
    );
    !taken
        && name.len() > 1
        && name.iter().any(u8::is_ascii_uppercase)
        && name.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}

/// Keywords and types.
fn plain(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    has(
        " echo print if else elseif endif foreach endforeach for endfor while endwhile do switch endswitch case default break continue return function \
              fn as true false null and or xor isset empty array list unset exit die try catch finally throw new use instanceof int float string bool \
              callable mixed iterable object void never declare strict_types match exception runtimeexception throwable typeerror valueerror jsonexception \
              stdclass arrayobject arrayiterator datetime datetimeimmutable dateinterval datetimezone ",
        &lower,
    )
}

fn method(name: &[u8]) -> bool {
    has(
        " format modify add sub diff getTimestamp setTimezone setTime setDate getTimezone getOffset getName getMessage getCode getLine getArrayCopy count \
          append current key next valid rewind ",
        name,
    )
}

fn variable(name: &[u8]) -> Option<Call> {
    match name {
        b"_ENV" | b"_SERVER" => Some(Call::Environment),
        b"GLOBALS" | b"this" => Some(Call::Library),
        _ => None,
    }
}
